"""Logs of lighteval: tables of details in all layouts, with results or without."""
