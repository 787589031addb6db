"""Calibration and factuality of language models, before and after training.

`calibration`, `factuality` and `plots` in one import. Names load on first use.

Examples
--------
>>> import veracal as vc
>>> round(vc.ece([0.9, 0.8, 0.7], [1, 1, 0]), 3)
0.333
"""

from __future__ import annotations

import importlib

import calibration
import factuality

_PACKAGES = (calibration, factuality)
_OWN = {
    "Citation": ".citations.citation",
    "Runs": ".run_collection",
    "cite": ".citations.citation",
    "export_run": ".exports.exporting",
    "import_logs": ".importing",
    "progress": ".console",
    "runs": ".run_collection",
    "write_report": ".report.page",
}

__all__ = ["Citation", "Runs", "cite", "export_run", "import_logs", "plots", "progress", "runs", "write_report"]
__all__ += calibration.__all__
__all__ += factuality.__all__


def __getattr__(name: str) -> object:
    if name == "plots":
        value: object = importlib.import_module(name)
    elif name in _OWN:
        value = getattr(importlib.import_module(_OWN[name], __name__), name)
    else:
        package = next((package for package in _PACKAGES if name in package.__all__), None)
        if package is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(package, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
