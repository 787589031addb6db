"""Bytes on disk and on the hub: texts, tables, atomic writes."""
