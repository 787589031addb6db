"""The report page: what two runs say, in one file that can be sent to a colleague."""

from __future__ import annotations

from .page import setting_differences, write_page

__all__ = ["setting_differences", "write_page"]
