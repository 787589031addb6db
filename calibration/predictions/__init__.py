"""Predictions: answer-letter log-probabilities, from which every number is computed."""
