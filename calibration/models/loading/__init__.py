"""Loading of weights: options, places, devices, failures."""
