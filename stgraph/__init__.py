"""Road traffic as a graph: forecast a sensor network, with dates, units and numbers you can trust.

The names stand in `__init__.pyi`; each is imported when it is first used, so that ``import stgraph`` is instant.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
