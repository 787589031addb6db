"""Answers put into the classes of a rubric."""
