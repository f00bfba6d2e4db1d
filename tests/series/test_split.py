"""Splits in time, and no window across a gap."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import Split
from tests.conftest import World


@given(st.integers(1, 10_000))
def test_the_parts_are_in_order_and_leave_nothing_out(steps: int) -> None:
    bounds = Split().bounds(steps)
    assert [bounds[p] for p in ("train", "validation", "test")] == [
        (0, bounds["train"][1]),
        (bounds["train"][1], bounds["validation"][1]),
        (bounds["validation"][1], steps),
    ]


def test_a_gap_ends_a_range(world: World) -> None:
    times = world.series.times.copy()
    times[100:] += np.timedelta64(2, "h")
    gapped = replace(world.series, times=times)
    assert gapped.segments == ((0, 100), (100, 600))
    assert Split().ranges(gapped, "train") == ((0, 100), (100, 360))
    assert Split().ranges(gapped, "test") == ((480, 600),)


@pytest.mark.parametrize("shares", [(0.6, 0.2, 0.3), (0.0, 0.5, 0.5), (1.2, -0.2, 0.0)])
def test_impossible_shares_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(DataError, match="split"):
        Split(*shares)
