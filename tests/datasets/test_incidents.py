"""Incidents: the labels and the lost capacity tell the same story."""

import numpy as np
import pandas as pd

from stgraph.datasets.highway import highway
from stgraph.datasets.incidents import CAPACITY_LEFT, incidents

ROADS = highway()
TIMES = pd.date_range("2024-03-04", periods=28 * 288, freq="5min")


def test_capacity_is_lost_exactly_where_and_when_a_label_says() -> None:
    labels, left = incidents(np.random.default_rng(0), TIMES, ROADS, np.ones(len(TIMES)))
    expected = np.ones_like(left)
    for label in labels:
        cell = np.flatnonzero(
            (ROADS.roadway == label.roadway) & np.isclose(ROADS.kilometre, label.kilometre, atol=0.01)
        )
        during = (TIMES.to_numpy() >= label.start) & (TIMES.to_numpy() < label.end)
        expected[np.ix_(during, cell)] = np.minimum(expected[np.ix_(during, cell)], label.capacity_left)
    np.testing.assert_array_equal(left, expected)


def test_labels_are_in_order_plausible_and_seen_by_a_sensor_just_upstream() -> None:
    labels, _ = incidents(np.random.default_rng(1), TIMES, ROADS, np.ones(len(TIMES)))
    assert 50 < len(labels) < 130
    assert [label.start for label in labels] == sorted(label.start for label in labels)
    for label in labels:
        minutes = (label.end - label.start) / np.timedelta64(1, "m")
        assert 10 <= minutes <= 120
        assert label.sensor.startswith(label.roadway)
        assert abs(float(label.sensor[4:]) - label.kilometre) < 1.61
        assert any(label.capacity_left in kinds for kinds in CAPACITY_LEFT.values())


def test_incidents_happen_when_the_roads_are_busy() -> None:
    busy = (TIMES.hour == 8).astype(float)
    labels, _ = incidents(np.random.default_rng(2), TIMES, ROADS, busy)
    assert {pd.Timestamp(label.start).hour for label in labels} == {8}
