"""Analyses of runs: summary, subjects, positions of letters, label noise."""
