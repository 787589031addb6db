"""Answers of a model to open questions."""
