"""Pictures of results: reliability diagrams, and the figures of a pair of models.

A function here asks `calibration` or `factuality` for the numbers and draws them; it computes none of its own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
