"""Files of weights: whether they are whole, and which they are."""
