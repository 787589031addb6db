"""The report page: what two runs say, in one file that can be sent to a colleague."""

from __future__ import annotations

from .page import setting_differences, write_page
from .run_names import runs_by_name

__all__ = ["runs_by_name", "setting_differences", "write_page"]
