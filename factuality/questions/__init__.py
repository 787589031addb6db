"""Open questions: what is asked."""
