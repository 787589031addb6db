"""How often a language model states falsehoods.

Questions become responses (`ask`), a grader makes judgments of them (`grade`), and those become rates with intervals
and changes between two models. Names load on first use: importing this package loads no model library.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
