"""The command that makes a page of two among many runs."""

from __future__ import annotations

from shlex import quote

from .inputs import FEW, Inputs
from .several_results import SeveralResults


def pair_command(several: SeveralResults, inputs: Inputs) -> str:
    """What a page of many runs leaves out, and the command that shows it."""
    first, last = several.reference, several.others[-1]
    paths = {
        name: next(source.path for source in sources if source.name == name)
        for sources in (inputs.predictions, inputs.pairs, inputs.verdicts, inputs.responses, inputs.multiple_choice)
        if {source.name for source in sources} == {*several.names}
        for name in (first, last)
    }
    in_memory = any(
        source.manifest["settings"].get("source") == "memory" and source.path in paths.values()
        for source in inputs.sources
    )
    command = (
        'veracal.write_report([before, after], "pair.html")'
        if in_memory or not paths
        else f"veracal report {quote(str(paths[first]))} {quote(str(paths[last]))} --html pair.html"
    )
    return (
        f"More than {FEW} runs are shown side by side only. What changed from one to another in every measure, by "
        f"subject and by group, stands in a page of two, such as of {first} and {last}: {command}"
    )
