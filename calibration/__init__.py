"""How far a language model's confidence can be trusted.

Items become prompts, prompts become answer-letter log-probabilities (`extract`), and those become curves, metrics,
intervals and changes. Names load on first use: importing this package loads neither torch nor a plotting library.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
