"""A time is one on the wall clock of the series, and nothing from it on counts as known."""

from dataclasses import replace

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.forecasting import measured_before
from stgraph.forecasting.moment import moment_of
from tests.conftest import World


@pytest.mark.parametrize("count", [1, 2, 47, 600])
def test_what_is_before_a_time_is_what_was_known_then(world: World, count: int) -> None:
    series = world.series
    end = series.times[count - 1]
    for minutes in (1, 30):
        known = measured_before(series, str(end + np.timedelta64(minutes, "m")))
        assert known.digest() == series.slice(None, count).digest()


def test_times_are_those_of_the_wall_clock_or_have_an_offset(world: World) -> None:
    there = replace(world.series, timezone="Europe/Amsterdam")  # midnight UTC is one o'clock there
    expected = world.series.times[4]
    for text in ("2024-01-01 03:00", "2024-01-01T02:00Z", "2024-01-01 06:00+04:00"):
        assert moment_of("before", text, there) == expected
    assert len(measured_before(there, "2024-01-01 03:00")) == 4


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("noon", "before: expected a time such as 2012-03-01 00:05, found 'noon'"),
        (
            "2024-01-01",
            "before: expected a time after the first of the series, 2024-01-01 00:00:00, found '2024-01-01'",
        ),
        ("2024-01-02T00:00Z", "before: expected a local time without an offset"),
    ],
)
def test_what_is_no_time_or_has_nothing_before_it_is_refused(world: World, time: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        measured_before(world.series, time)
