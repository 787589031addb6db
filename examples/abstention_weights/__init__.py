"""The weights of abstentions' wording, fitted anew: `python -m examples.abstention_weights.training`."""
