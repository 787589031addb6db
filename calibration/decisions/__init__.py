"""Decisions: worse or better, within a margin, or not to be told."""
