"""Kinds of measure: a module each, with its value, interval, change and required number of items."""
