"""Free answers from logs of other tools."""
