"""A model on several workers of a Ray cluster."""
