"""Graphs of every kind for hypothesis: directed, with isolated sensors, loops and several components."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from stgraph.graph import SensorGraph

ids = st.lists(st.text(max_size=4), min_size=1, max_size=9, unique=True)
weights = st.one_of(st.just(0.0), st.just(0.0), st.floats(1e-6, 1e6))


@st.composite
def graphs(draw: st.DrawFn, *, positions: bool | None = None) -> SensorGraph:
    """Any graph of 1 to 9 sensors; with positions, without, or (None) either."""
    names = draw(ids)
    n = len(names)
    adjacency = draw(npst.arrays(np.float64, (n, n), elements=weights))
    places = None
    if draw(st.booleans()) if positions is None else positions:
        lon = draw(npst.arrays(np.float64, n, elements=st.floats(-180, 180)))
        lat = draw(npst.arrays(np.float64, n, elements=st.floats(-90, 90)))
        places = np.stack([lon, lat], axis=1)
    return SensorGraph(names, adjacency, places)
