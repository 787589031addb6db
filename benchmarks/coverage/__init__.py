"""How often intervals hold the truth, on populations whose truth is known."""
