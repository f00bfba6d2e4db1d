"""The facts of the synthetic roads fit together."""

from itertools import pairwise

import pytest

from stgraph.datasets.freeways import FREEWAYS, Freeway


def test_names_are_unique_and_directions_opposite() -> None:
    assert len({freeway.name for freeway in FREEWAYS}) == len(FREEWAYS) >= 2
    assert all(set(freeway.directions) in ({"N", "S"}, {"E", "W"}) for freeway in FREEWAYS)


@pytest.mark.parametrize("freeway", FREEWAYS, ids=lambda freeway: freeway.name)
def test_junctions_are_in_order_with_possible_numbers(freeway: Freeway) -> None:
    places = [ramps.km for ramps in freeway.ramps]
    assert places == sorted(places)
    assert min(b - a for a, b in pairwise(places)) > 0.8  # an on-ramp before the next exit
    assert all(0 < ramps.off < 0.5 and min(ramps.on) > 0 for ramps in freeway.ramps)
    assert max(freeway.inflow) < 3 * 2400  # three lanes carry no more
    assert freeway.wide[0] <= freeway.wide[1]
