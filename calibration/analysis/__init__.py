"""What to ask of a run."""
