"""From a number to its interval and its change."""
