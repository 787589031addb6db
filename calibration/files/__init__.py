"""Texts, tables and atomic writes on disk; files of the hub."""
