"""Benchmarks: speed, with others beside it, and what graders are worth."""
