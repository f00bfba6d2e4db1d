"""Traffic on road networks: repeatable in blocks of any size, within bounds, and neighbours help to forecast it."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgraph.datasets.ctm import Floats
from stgraph.datasets.network_process import SLOWEST, _downstream, _tide
from stgraph.datasets.network_traffic import network_traffic
from stgraph.datasets.road_network import RoadNetwork, road_network
from stgraph.errors import DataError
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries, open_series, write_store
from stgraph.series.store import store_sha256

PER_DAY = 288


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return road_network(600)


@pytest.fixture(scope="module")
def month(network: RoadNetwork) -> TrafficSeries:
    return network_traffic(network, 28)


@pytest.fixture(scope="module")
def whole(network: RoadNetwork) -> TrafficSeries:
    """The same without holes."""
    return network_traffic(network, 28, missing=0)


def speeds(series: TrafficSeries) -> Floats:
    return np.where(series.observed, series.values, np.nan)[..., 0].astype(np.float64, copy=False)


def deviations(series: TrafficSeries) -> Floats:
    """What the weekly profile doesn't know of the last of four weeks, (2016, N) in km/h."""
    weeks = speeds(series).reshape(4, 7 * PER_DAY, -1)
    left: Floats = weeks[3] - np.median(weeks[:3], axis=0)
    return left


def test_the_series_is_what_it_says(network: RoadNetwork, month: TrafficSeries) -> None:
    assert month.values.shape == (28 * PER_DAY, 600, 1)
    assert month.values.dtype == np.float32
    assert month.channels == ("speed",)
    assert month.units == ("km/h",)
    assert month.sensors == network.graph.ids
    assert month.interval == np.timedelta64(5, "m")
    assert len(month.segments) == 1
    quarter = network_traffic(network, 2, interval=15, start="2025-01-01")
    assert len(quarter) == 2 * 96
    assert quarter.times[0] == np.datetime64("2025-01-01")


def test_same_seed_same_bits_other_seed_other_traffic(network: RoadNetwork) -> None:
    one, again, other = (network_traffic(network, 1, seed=seed) for seed in (5, 5, 6))
    assert one.digest() == again.digest() != other.digest()


def test_a_longer_series_begins_as_the_shorter_one(network: RoadNetwork) -> None:
    short, long = (network_traffic(network, days, seed=2) for days in (1, 3))
    assert long.slice(0, PER_DAY).digest() == short.digest()


def test_a_store_written_in_blocks_is_the_series_made_in_memory(network: RoadNetwork, tmp_path: Path) -> None:
    series = network_traffic(network, 3, seed=4)
    stored = network_traffic(network, 3, seed=4, folder=tmp_path / "blocks")
    np.testing.assert_array_equal(stored.values, series.values)
    np.testing.assert_array_equal(stored.observed, series.observed)
    assert open_series(tmp_path / "blocks").digest() == series.digest()
    assert store_sha256(tmp_path / "blocks") == store_sha256(write_store(series, tmp_path / "whole"))
    with pytest.raises(DataError, match="blocks: expected a folder that is not there yet"):
        network_traffic(network, 1, folder=tmp_path / "blocks")


def test_a_longer_store_takes_no_more_memory(network: RoadNetwork, tmp_path: Path) -> None:
    peaks = []
    for days in (4, 16):
        tracemalloc.start()
        network_traffic(network, days, folder=tmp_path / f"{days}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_speeds_stay_between_a_crawl_and_free_speed_and_holes_hold_nothing(
    network: RoadNetwork, month: TrafficSeries
) -> None:
    seen = speeds(month)
    assert np.nanmin(seen) >= SLOWEST
    assert (np.nanmax(seen, axis=0) <= network.free_speed.astype(np.float32)).all()
    assert np.nanmin(seen) < 10
    assert (month.values[~month.observed] == 0).all()


def test_holes_are_as_many_as_asked_for_and_come_in_stretches(network: RoadNetwork, month: TrafficSeries) -> None:
    assert 1 - month.observed.mean() == pytest.approx(0.02, rel=0.15)
    assert 1 - network_traffic(network, 7, missing=0.3).observed.mean() == pytest.approx(0.3, rel=0.1)
    assert network_traffic(network, 1, missing=0).observed.all()
    silent = ~month.observed[..., 0]
    begun = (silent[1:] & ~silent[:-1]).sum()
    assert 2.5 < silent.sum() / begun < 6
    hours = np.lib.stride_tricks.sliding_window_view(silent, 36, axis=0).all(axis=-1)
    assert hours.any(axis=0).sum() > 100


def test_the_past_of_a_neighbour_downstream_tells_of_the_next_step(network: RoadNetwork, whole: TrafficSeries) -> None:
    off = deviations(whole)
    now, later = off[:-1], off[1:]
    rng = np.random.default_rng(0)
    source, target = network.graph.adjacency.tocoo().coords
    stranger = rng.permutation(target)

    def correlation(one: Floats, other: Floats) -> Floats:
        one, other = ((x - x.mean(axis=0)) / x.std(axis=0) for x in (one, other))
        product: Floats = (one * other).mean(axis=0)
        return product

    near, far = (correlation(later[:, source], now[:, other]) for other in (target, stranger))
    assert near.mean() > 0.2
    assert near.mean() > far.mean() + 0.15
    assert (near > far).mean() > 0.9


def test_the_network_explains_what_a_sensors_own_past_does_not(network: RoadNetwork, whole: TrafficSeries) -> None:
    off = deviations(whole)[7 * 12 : 20 * 12]
    own, ahead = off[:-1], off[:-1] @ _downstream(network.graph).toarray().T
    shuffled = ahead[:, np.random.default_rng(0).permutation(600)]

    def left(*known: Floats) -> float:
        errors = [
            np.linalg.lstsq(np.stack([x[:, n] for x in known], axis=1), off[1:, n], rcond=None)[1] for n in range(600)
        ]
        return float(np.concatenate(errors).sum())

    assert left(own, ahead) < 0.97 * left(own)
    assert left(own, shuffled) > 0.985 * left(own)


def test_rush_hours_slow_every_sensor_differently(network: RoadNetwork, whole: TrafficSeries) -> None:
    share = (speeds(whole) / network.free_speed).reshape(28, 24, 12, 600)
    hour = np.mean(share, axis=2)
    working = np.arange(28) % 7 < 5
    weekday, weekend = np.mean(hour[working], axis=0), np.mean(hour[~working], axis=0)
    assert (weekday[3] > 0.9).all()
    assert weekday[8].mean() < 0.8
    assert weekend[8].mean() > weekday[8].mean() + 0.1
    assert weekday[8].std() > 0.05
    tide = _tide(network.graph, _downstream(network.graph))
    into, out = (network.motorway & (side > 0.5) for side in (tide, -tide))
    assert min(into.sum(), out.sum()) > 10
    assert (weekday[8] - weekday[17])[into].mean() < (weekday[8] - weekday[17])[out].mean() - 0.1


def test_steps_of_any_length_are_samples_of_one_process(network: RoadNetwork) -> None:
    spread = []
    for minutes in (1, 5, 15):
        seen = speeds(network_traffic(network, 5, interval=minutes, missing=0)).reshape(5, 24, -1, 600)
        spread.append(seen[:, 7:9].std(axis=(0, 2)).mean())
    assert max(spread) < 1.25 * min(spread)


def test_any_graph_with_positions_will_do() -> None:
    graph = SensorGraph(("a", "b"), np.zeros((2, 2)), [[4.9, 52.3], [5.0, 52.3]])
    network = RoadNetwork(graph, np.array([True, False]), np.array([100.0, 50.0]))
    series = network_traffic(network, 1)
    assert series.observed.any(axis=0).all()
    assert series.sensors == ("a", "b")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"days": 0}, "days: expected at least 1, found 0"),
        ({"start": "soon"}, "start: expected a date such as 2024-03-04, found 'soon'"),
        ({"interval": 7}, "interval: expected whole minutes that divide a day, found 7"),
        ({"interval": 0}, "interval: expected whole minutes that divide a day, found 0"),
        ({"interval": 1440}, "interval: expected whole minutes that divide a day, found 1440"),
        ({"missing": 1.0}, "missing: expected a share of at least 0 and below 1, found 1.0"),
        ({"missing": -0.1}, "missing: expected a share of at least 0 and below 1, found -0.1"),
    ],
)
def test_what_makes_no_sense_is_refused(network: RoadNetwork, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        network_traffic(network, **{"days": 1} | asked)
