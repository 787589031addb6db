"""Confidence of a model in its free answers, and scores of it."""
