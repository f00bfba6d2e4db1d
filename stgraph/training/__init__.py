"""Training of models on batches. The names stand in `__init__.pyi`: Lightning is imported when training begins."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
