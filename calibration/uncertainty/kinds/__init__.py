"""Kinds of measure, a module each: value, interval, change, required items."""
