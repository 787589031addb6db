"""Whether an answer abstains."""
