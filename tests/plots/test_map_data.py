import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, MismatchError, ShapeError
from stgraph.graph import equirectangular
from stgraph.plots import map_data as module
from stgraph.plots.map_data import GRID, colour_scale, digits_for, map_data
from stgraph.series.traffic_series import TrafficSeries
from tests.plots.street import (
    DEGREES,
    EAST,
    EDGES,
    IDS,
    ISSUED,
    MIDDLE,
    NORTH,
    SOUTH,
    STEP,
    WEST,
    H,
    T,
    forecast,
    history,
)
from tests.plots.street import graph as street


def data(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "forecast": forecast(),
        "graph": street(),
        "history": history(),
        "hours": 6.0,
        "places": None,
    }
    return map_data(**{**asked, **changes})


def test_values_stand_by_sensor_rounded_to_what_the_unit_deserves() -> None:
    speed, flow = data()["channels"]
    assert [speed["digits"], flow["digits"]] == [1, 0]
    assert speed["values"][WEST] == [30.0] * H
    assert speed["values"][SOUTH] == [100.0, 85.0, 70.0, 55.0, 40.0, 25.0]
    assert flow["values"][SOUTH] == [2000, 1700, 1400, 1100, 800, 500]
    assert [speed["lower"][WEST][0], speed["upper"][WEST][0]] == [25.0, 37.0]
    assert [speed["name"], speed["unit"], speed["attention"]] == ["speed", "km/h", "low"]
    assert [flow["name"], flow["unit"], flow["attention"]] == ["flow", "veh/h", "high"]


def test_holes_have_no_number_whatever_stands_there() -> None:
    values = np.where(history().observed, history().values, np.float32("nan"))
    for series in (history(), history(values=values)):
        speed = data(history=series)["channels"][0]
        assert speed["measured"][EAST] == [None] * T
        assert speed["measured"][WEST] == [60.0, 60.5, 61.0, None, None, *np.arange(62.5, 66, 0.5)]


def test_times_are_local_and_the_issue_is_the_last_of_the_history() -> None:
    local = data()
    assert local["times"][0] == "2024-03-04 22:55"
    assert local["issued"] == local["times"][T - 1] == "2024-03-04 23:50"
    assert local["times"][-1] == "2024-03-05 00:20"
    assert local["leads"] == [5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    zone = "Europe/Amsterdam"
    zoned = data(forecast=forecast(timezone=zone), history=history(timezone=zone))
    assert zoned["clock"] == zone
    assert zoned["issued"] == "2024-03-05 00:50"


def test_seconds_are_spelled_where_there_are_any() -> None:
    step = np.timedelta64(20, "s")
    series = history(times=ISSUED + np.arange(1 - T, 1) * step)
    future = forecast(times=ISSUED + np.arange(1, H + 1) * step)
    assert data(history=series, forecast=future)["times"][-1] == "2024-03-04 23:52:00"
    assert data(history=series, forecast=future)["leads"][0] == pytest.approx(1 / 3, abs=1e-4)


def test_a_gap_in_time_is_a_row_of_holes() -> None:
    whole = history()
    kept = [t for t in range(T) if t not in {6, 7}]
    gappy = replace(whole, values=whole.values[kept], observed=whole.observed[kept], times=whole.times[kept])
    found = data(history=gappy)
    assert found["times"] == data()["times"]
    assert found["channels"][0]["measured"][SOUTH][5:9] == [82.5, None, None, 84.0]


def test_only_the_hours_asked_for_are_shown_and_nothing_after_the_issue() -> None:
    whole = history()
    later = np.concatenate([whole.times, ISSUED + np.arange(1, 4) * STEP])
    values = np.concatenate([whole.values, whole.values[:3] + 500])
    longer = TrafficSeries(values, np.ones_like(values, dtype=bool), later, IDS, whole.channels, whole.units)
    assert data(history=longer)["times"] == data()["times"]
    assert max(data(history=longer)["channels"][0]["measured"][SOUTH]) < 100
    assert data(hours=0.5)["times"] == data()["times"][-7 - H :]
    assert data(hours=0)["times"] == data()["times"][-1 - H :]


def test_sensors_and_channels_are_those_of_the_forecast_in_its_order() -> None:
    order = [MIDDLE, WEST, NORTH, SOUTH, EAST]
    few = forecast()
    turned = forecast(
        values=few.values[:, order, 1:],
        lower=None,
        upper=None,
        coverage=None,
        sensors=tuple(IDS[n] for n in order),
        channels=("flow",),
        units=("veh/h",),
    )
    found, straight = data(forecast=turned), data()
    assert found["sensors"] == [IDS[n] for n in order]
    assert [found["x"][k] for k in range(5)] == [straight["x"][n] for n in order]
    assert found["channels"][0]["measured"] == [straight["channels"][1]["measured"][n] for n in order]
    assert found["channels"][0]["lower"] is None
    ends = [found["sensors"][n] for one in found["edges"] for n in one]
    pairs = set(zip(ends[::2], ends[1::2], strict=True))
    assert pairs == {(IDS[i], IDS[j]) for i, j, _ in EDGES if i != j}


def test_places_keep_directions_and_proportions() -> None:
    found = data()
    whole = np.stack([found["x"], found["y"]], axis=1)
    assert whole.min(axis=0).tolist() == [0, 0]
    assert whole.max() == GRID
    metres = equirectangular(DEGREES)
    np.testing.assert_allclose(whole * found["metres"], metres - metres.min(axis=0), atol=found["metres"])


def test_given_places_replace_positions() -> None:
    places = np.array([[0, 0], [100, 0], [0, 50], [25, 25], [100, 50]])
    for graph in (street(), street(positions=None)):
        found = data(graph=graph, places=places)
        assert found["x"] == (1000 * places[:, 0]).tolist()
        assert found["y"] == (1000 * places[:, 1]).tolist()
        assert found["metres"] == pytest.approx(0.001)
    assert data(places=np.ones((5, 2)))["x"] == [0] * 5


def test_edges_stand_by_strength_without_loops() -> None:
    assert data()["edges"] == [[MIDDLE, EAST], [MIDDLE, WEST], [WEST, MIDDLE]]
    assert data(graph=street(adjacency=np.eye(5)))["edges"] == [[], [], []]
    assert data()["edges_left_out"] == 0


def test_of_too_many_edges_the_strongest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EDGES", 2)
    assert data()["edges"] == [[], [MIDDLE, WEST], [WEST, MIDDLE]]
    assert data()["edges_left_out"] == 1


@given(st.lists(st.floats(0, 1e5, width=32), min_size=1, max_size=30))
def test_the_colour_scale_rises_and_holds_the_bulk_of_the_values(values: list[float]) -> None:
    array = np.array(values, dtype=np.float32)
    digits = digits_for(float(array.max()))
    low, high, step = colour_scale(array, digits)
    assert low < high
    half = 10.0**-digits * 0.51 + 1e-6 * high
    assert low <= np.percentile(array, 1) + half
    assert high >= np.percentile(array, 99) - half
    assert 2 <= (high - low) / step <= 6.01
    assert json.loads(json.dumps([low, high, step])) == [low, high, step]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match=r"positions: the graph has none, .*--positions FILE.*SensorGraph\(.*places="):
        data(graph=street(positions=None))
    with pytest.raises(ShapeError, match=r"places: expected shape .*N=5.*found \(4, 2\)"):
        data(places=np.zeros((4, 2)))
    with pytest.raises(DataError, match=r"places: expected finite x and y, found \[nan, 0.0\] for sensor south"):
        data(places=[[0, 0], [1, 1], [np.nan, 0], [3, 3], [4, 4]])
    with pytest.raises(MismatchError, match="only in the graph"):
        data(graph=street(ids=("w", *IDS[1:])))
    with pytest.raises(MismatchError, match="no channel"):
        data(history=history(channels=("speed", "occupancy")))
    with pytest.raises(MismatchError, match=r"units: the forecast has \('km/h', 'veh/h'\), the history \('mph', 'veh/"):
        data(history=history(units=("mph", "veh/h")))
    with pytest.raises(MismatchError, match="timezone: the forecast has None, the history UTC"):
        data(history=history(timezone="UTC"))
    for shift in (-STEP, 100 * STEP):
        with pytest.raises(MismatchError, match="history: expected what was measured up to the issue at 2024-03-04T23"):
            data(history=history(times=history().times + shift))
