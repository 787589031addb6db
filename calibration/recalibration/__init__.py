"""Maps learned on some items that score others."""
