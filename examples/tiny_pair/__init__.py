"""The demo's models, trained from nothing on an invented world: `python -m examples.tiny_pair.build`."""
