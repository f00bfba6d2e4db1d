"""Windows against loops, in every placement, and what sticks out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.patches import Window
from tests import naive

RANGES = st.lists(st.integers(0, 12), min_size=2, max_size=6).map(
    lambda cuts: [(a, b) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False) if a < b]
)


@given(st.integers(0, 4), st.integers(1, 4), st.integers(1, 3), RANGES)
def test_sliding_windows_equal_the_loop(history: int, horizon: int, stride: int, ranges: list[tuple[int, int]]) -> None:
    placed = Window(history, horizon, stride).place(ranges)
    steps, filled = placed.steps()
    assert steps.tolist() == naive.windows(history, horizon, ranges, stride)
    assert filled is None


@given(st.integers(1, 5), RANGES)
def test_grid_windows_tile(length: int, ranges: list[tuple[int, int]]) -> None:
    covered = Window(0, length, placement="grid", edges="zero").place(ranges)
    steps, inside = covered.steps()
    assert inside is not None
    assert steps[inside].tolist() == [t for first, last in ranges for t in range(first, last)]
    whole, _ = Window(0, length, placement="grid").place(ranges).steps()
    assert whole.tolist() == naive.windows(0, length, ranges, stride=length)


@given(st.integers(1, 5), RANGES)
def test_centred_windows_have_each_step_once_in_the_middle(length: int, ranges: list[tuple[int, int]]) -> None:
    placed = Window(length, 0, placement="centred", edges="nearest").place(ranges)
    steps, _ = placed.steps()
    assert steps[:, length // 2].tolist() == [t for first, last in ranges for t in range(first, last)]


@given(st.integers(0, 4), st.integers(0, 4), RANGES)
def test_padded_sliding_windows_begin_a_horizon_at_each_step(
    history: int, horizon: int, ranges: list[tuple[int, int]]
) -> None:
    if not history + horizon:
        return
    placed = Window(history, horizon, edges="zero").place(ranges)
    first_of_horizon = placed.start + history - (not horizon)
    assert first_of_horizon.tolist() == [t for first, last in ranges for t in range(first, last)]


def test_what_sticks_out_is_filled_from_the_nearest_or_marked() -> None:
    ranges = [(3, 6)]
    steps, inside = Window(2, 2, edges="nearest").place(ranges).steps()
    assert steps.tolist() == [[3, 3, 3, 4], [3, 3, 4, 5], [3, 4, 5, 5]]
    assert inside is None
    steps, inside = Window(2, 2, edges="zero").place(ranges).steps()
    assert inside is not None
    assert inside.tolist() == [[False, False, True, True], [False, True, True, True], [True, True, True, False]]


def test_no_window_crosses_from_one_stretch_into_the_next() -> None:
    steps, _ = Window(2, 1).place([(0, 4), (4, 8)]).steps()
    assert all((row < 4).all() or (row >= 4).all() for row in steps)


@pytest.mark.parametrize(
    "fields",
    [
        {"history": -1},
        {"history": 0, "horizon": 0},
        {"stride": 0},
        {"placement": "diagonal"},
        {"edges": "mirror"},
        {"placement": "centred"},
    ],
)
def test_an_impossible_window_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="window"):
        Window(**fields)


def test_take_keeps_the_shape_of_the_choice() -> None:
    placed = Window(1, 1).place([(0, 6)]).take(np.array([[4, 0], [1, 2]]))
    assert placed.steps()[0].shape == (2, 2, 2)
    assert placed.steps()[0][0, 0].tolist() == [4, 5]
