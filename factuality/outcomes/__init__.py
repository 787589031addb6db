"""Judgments to rates, and their changes."""
