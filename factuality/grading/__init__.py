"""Answers to judgments."""
