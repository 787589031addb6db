"""Verdicts of people and judges, read from text."""
