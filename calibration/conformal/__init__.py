"""Guarantees for new items: prediction sets and thresholds."""
