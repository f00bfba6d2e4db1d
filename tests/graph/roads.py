"""Towns of right-angled streets for hypothesis, one-way and two-way, with lengths of their own."""

from typing import Any

import networkx as nx
from hypothesis import strategies as st

STEP = 0.01
"""Degrees between crossings: about a kilometre."""


@st.composite
def towns(draw: st.DrawFn) -> "nx.MultiDiGraph[Any]":
    """A grid of 2 x 2 to 3 x 4 crossings; each block is driven one way, both ways or not at all."""
    width, height = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    road: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for x in range(width):
        for y in range(height):
            road.add_node((x, y), x=4.8 + STEP * x, y=52.3 + STEP * y)
    road.add_edge((0, 0), (1, 0), length=1000.0)
    for x in range(width):
        for y in range(height):
            for other in ((x + 1, y), (x, y + 1)):
                if other in road:
                    length, ways = draw(st.integers(500, 3000)), draw(st.sampled_from(["", ">", "<", "<>"]))
                    if ">" in ways:
                        road.add_edge((x, y), other, length=float(length))
                    if "<" in ways:
                        road.add_edge(other, (x, y), length=float(length))
    return road
