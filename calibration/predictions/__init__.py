"""What a model answered: the one interchange of all numbers."""
