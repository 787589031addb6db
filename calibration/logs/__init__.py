"""Logs of other tools: a module a format, all read into one value."""
