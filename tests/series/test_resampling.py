import numpy as np
import pytest

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.resampling import Resampling

FIVE = np.timedelta64(5, "m")


@pytest.mark.parametrize(
    ("channel", "unit", "way", "after"),
    [
        ("speed", "km/h", "mean", "km/h"),
        ("occupancy", "", "mean", ""),
        ("flow", "", "sum", ""),
        ("flow", "veh", "sum", "veh"),
        ("flow", "veh/lane", "sum", "veh/lane"),
        ("flow", "veh/5 min", "sum", "veh/15min"),
        ("flow", "veh/5min", "sum", "veh/15min"),
        ("flow", "veh/h", "mean", "veh/h"),
        ("flow", "veh/min", "mean", "veh/min"),
    ],
)
def test_counts_are_summed_and_rates_averaged(channel: str, unit: str, way: str, after: str) -> None:
    rule = Resampling("15min")
    assert (rule.way(channel, unit, FIVE), rule.unit(channel, unit, FIVE)) == (way, after)


def test_a_way_that_is_said_counts() -> None:
    assert Resampling("15min", {"flow": "max"}).way("flow", "veh", FIVE) == "max"


def test_a_step_holds_whole_records() -> None:
    assert Resampling("5min").whole(np.timedelta64(20, "s"), str) == 15
    assert Resampling("5min").whole(np.timedelta64(298, "s"), str) == 1


@pytest.mark.parametrize("share", [0, -1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(DataError, match=r"share: expected .* \(--resample-share\), found"):
        Resampling("5min", share=share)


def test_other_ways_and_lengths_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        Resampling("5min", {"speed": "maen"})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="interval"):
        Resampling("often")
