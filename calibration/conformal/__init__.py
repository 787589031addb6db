"""Guarantees: prediction sets and thresholds."""
