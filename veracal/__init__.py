"""The application: command line and report, on top of `calibration`, `factuality` and `plots`."""

from __future__ import annotations

from .report import write_report

__all__ = ["write_report"]
