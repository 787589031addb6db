"""Members of HELM's run folders: found by their content, whole or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..source import Source

# What HELM calls its files; old releases have them gzipped, or lack some.
NAMES = ("scenario_state", "per_instance_stats", "stats", "run_spec", "scenario")
_LISTS = ("per_instance_stats", "stats")
_NAME = re.compile(rf"({'|'.join(NAMES)})\.json(\.gz)?")


def member_of(source: Source) -> str:
    """Which member of a run folder a file is; empty if none.

    Its content decides. A file with the name of a member that is not readable is that member, so that its damage is
    told.
    """
    named = _NAME.fullmatch(source.name)
    # The first member of an array is enough: others may be many.
    first = source.first if not (source.is_zip or source.is_parquet) else None
    if first is None:
        return named.group(1) if named else ""
    if not isinstance(first, dict):
        return ""
    if "request_states" in first and "adapter_spec" in first:
        return "scenario_state"
    if "adapter_spec" in first and "scenario_spec" in first:
        return "run_spec"
    if "definition_path" in first:
        return "scenario"
    if isinstance(first.get("stats"), list) and "instance_id" in first:
        return "per_instance_stats"
    return "stats" if isinstance(first.get("name"), dict) and {"count", "sum"} <= first.keys() else ""


@dataclass(frozen=True)
class HelmRun:
    """The members of one run folder.

    Attributes
    ----------
    folder : Path
        Where they lie.
    members : mapping
        Files by what they are.
    """

    folder: Path
    members: Mapping[str, Source] = field(default_factory=dict)

    def document(self, name: str) -> Any:
        """A member as JSON; None if the folder lacks it.

        Raises
        ------
        ValueError
            If it is not JSON, or not of its shape.
        """
        if name not in self.members:
            return None
        source = self.members[name]
        if source.document is None:
            raise ValueError(f"{source.path}: must be JSON, as HELM's {name}; it is cut off, empty or something else")
        if not isinstance(source.document, list if name in _LISTS else dict):
            raise ValueError(f"{source.path}: must be {'a list' if name in _LISTS else 'an object'}, as HELM's {name}")
        return source.document

    @property
    def path(self) -> Path:
        """The file that messages name: that of the requests, or what is there."""
        member = self.members.get("scenario_state") or self.members.get("per_instance_stats")
        return member.path if member else self.folder

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the run, in HELM's order."""
        return tuple(self.members[name].path for name in NAMES if name in self.members)

    @cached_property
    def adapter(self) -> dict[str, Any]:
        """How the requests were made."""
        for name in ("scenario_state", "run_spec"):
            spec = (self.document(name) or {}).get("adapter_spec")
            if isinstance(spec, dict):
                return spec
        return {}

    @cached_property
    def name(self) -> str:
        """Name of the run: scenario, colon, arguments."""
        name = (self.document("run_spec") or {}).get("name")
        return name if isinstance(name, str) and name else self.folder.name

    @cached_property
    def arguments(self) -> dict[str, str]:
        """Arguments in the name of the run."""
        parts = [part.partition("=") for part in self.name.partition(":")[2].split(",")]
        return {name: value for name, sign, value in parts if sign}

    @property
    def method(self) -> str:
        """The adapter's method; empty if no file tells it."""
        return str(self.adapter.get("method") or self.arguments.get("method") or "")

    @property
    def model(self) -> str:
        """Name of the model."""
        name = self.adapter.get("model") or self.arguments.get("model") or self.adapter.get("model_deployment")
        return str(name or self.folder.name)


def helm_runs(sources: Sequence[Source]) -> list[HelmRun]:
    """Runs that files belong to, a folder each.

    Of a folder that is known by one of its files, the members of HELM's own names count too.

    Raises
    ------
    ValueError
        For two files of one kind in a folder.
    """
    folders: dict[Path, dict[str, Source]] = {}
    for source in sources:
        members = folders.setdefault(source.path.parent, {})
        name = member_of(source)
        if not name:
            raise ValueError(
                f"{source.path}: no file of a HELM run; looked for scenario_state.json (adapter_spec, request_states), "
                "per_instance_stats.json, stats.json and run_spec.json"
            )
        if name in members:
            raise ValueError(f"{members[name].path} and {source.path} are both a {name}; a folder holds one run")
        members[name] = source
    for folder, members in folders.items():
        for name in NAMES:
            for path in (folder / f"{name}.json", folder / f"{name}.json.gz"):
                if name not in members and path.is_file():
                    members[name] = Source(path)
    return [HelmRun(folder, members) for folder, members in folders.items()]


@contextmanager
def reading(path: Path, record: str) -> Iterator[None]:
    """Tell of a record that is not as HELM writes it.

    Raises
    ------
    ValueError
        Naming file, record and what was missing.
    """
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{path}, {record}: must have {error.args[0]!r}, as HELM writes it") from None
    except (TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{path}, {record}: not as HELM writes it ({error})") from None
