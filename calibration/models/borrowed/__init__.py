"""Models in memory: borrowed for a pass, given back as they were."""
