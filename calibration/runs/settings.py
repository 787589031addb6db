"""Settings of a run beside those of a command: equal, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import SettingsDifferError

# Settings that are hashes of what stands beside them. That of the weights is none: nothing else tells them apart.
HASHES = frozenset({"items", "questions", "prompts", "tokenizer", "file"})
# Settings that say which model it was; earlier versions wrote none of them.
_IDENTITY = frozenset({"weights", "server"})
# A server may move, and shards may ask copies of it: what it tells of its model must stay, its address need not.
_MOVABLE = frozenset({"address"})


def setting_differences(
    own: Mapping[str, Any], given: Mapping[str, Any], *, defaults: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Settings that differ, with both values; the address of a server may.

    Parameters
    ----------
    own, given : mapping
        Of the run and of the command.
    defaults : mapping
        What the settings are that either does not name.

    Examples
    --------
    >>> setting_differences({"shots": 0}, {"shots": 5, "style": "chat"}, defaults={"style": "completion"})
    {'style': ('completion', 'chat'), 'shots': (0, 5)}
    """
    own, given = {**defaults, **own}, {**defaults, **given}
    differ = [name for name in {**own, **given} if own.get(name) != given.get(name) and name not in _MOVABLE]
    # A hash says something only where nothing else does.
    differ = [name for name in differ if name not in HASHES] or differ
    return {name: (own.get(name), given.get(name)) for name in differ}


def differing_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Every setting in which two runs differ, by name; hashes are left out.

    Parameters
    ----------
    before, after : mapping
        Their manifests.

    Examples
    --------
    >>> differing_settings({"settings": {"shots": 0, "items": "aa"}}, {"settings": {"shots": 5, "items": "bb"}})
    {'shots': (0, 5)}
    """
    left, right = before.get("settings", {}), after.get("settings", {})
    return {
        name: (left.get(name, "unknown"), right.get(name, "unknown"))
        for name in {**left, **right}
        if name not in HASHES and left.get(name) != right.get(name)
    }


def refuse_other_settings(folder: Path, differ: Mapping[str, tuple[Any, Any]]) -> None:
    """Raise if any setting differs, naming each.

    Raises
    ------
    SettingsDifferError
        For a run that is continued with other settings, or whose manifest does not tell which model it is of.
    """
    unknown = {name for name, (own, _) in differ.items() if own is None}
    if unknown & _IDENTITY and unknown == differ.keys():
        lacks = "hash of the model's weights" if "weights" in unknown else "word on the server that answered"
        raise SettingsDifferError(
            f"{folder} holds a run whose manifest has no {lacks} (earlier versions wrote none), so nothing shows that "
            "the model is still the same: such a run is read and compared, but not continued; choose another folder"
        )
    if differ:
        differences = "; ".join(f"{name}: {own!r} there, {now!r} now" for name, (own, now) in differ.items())
        raise SettingsDifferError(
            f"{folder} holds a run made with other settings ({differences}); choose another folder"
        )
