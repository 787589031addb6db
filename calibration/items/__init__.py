"""Multiple-choice items: what is asked."""
