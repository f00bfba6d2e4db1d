"""Splits in time, and no window across a gap."""

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import Split
from stgraph.series.split import Rounding
from tests.conftest import World


@given(st.integers(1, 10_000))
def test_the_parts_are_in_order_and_leave_nothing_out(steps: int) -> None:
    bounds = Split().bounds(steps)
    assert [bounds[p] for p in ("train", "validation", "test")] == [
        (0, bounds["train"][1]),
        (bounds["train"][1], bounds["validation"][1]),
        (bounds["validation"][1], steps),
    ]


@given(st.integers(1, 10_000), st.sampled_from(get_args(Rounding)))
def test_every_rounding_leaves_nothing_out_and_is_off_by_no_more_than_one(count: int, rounding: Rounding) -> None:
    bounds = Split(0.7, 0.1, 0.2, rounding=rounding).bounds(count)
    cuts = [0, *(last for _, last in bounds.values())]
    assert [(a, b) for a, b in pairwise(cuts)] == list(bounds.values())
    assert cuts[-1] == count
    assert abs(cuts[1] - 0.7 * count) < 1
    assert abs(cuts[2] - 0.8 * count) < 2


def test_published_cuts_by_hand() -> None:
    assert Split(0.7, 0.1, 0.2, rounding="ends").bounds(34_249)["validation"] == (23_974, 27_399)
    assert Split(0.6, 0.2, 0.2, rounding="parts").bounds(7)["test"] == (5, 7)  # 4.2 and 1.4 are 4 and 1
    assert Split(0.6, 0.2, 0.2, rounding="cuts").bounds(7)["test"] == (6, 7)  # 5.6 is 6
    assert Split(0.8, 0.0, 0.2, rounding="cuts_down").bounds(2016)["test"] == (1612, 2016)
    assert Split(0.8, 0.0, 0.2, rounding="cuts_down").bounds(1000)["test"] == (800, 1000)  # no 799 from a rounding


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(DataError, match=r"split: expected cut out of .* found 'days'"):
        Split(cut="days")  # type: ignore[arg-type]


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
