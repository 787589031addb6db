"""Results of decision boards: probabilities of named options."""
