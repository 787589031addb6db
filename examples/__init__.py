"""Short scripts, each run by the tests, and the training of the demo's models."""
