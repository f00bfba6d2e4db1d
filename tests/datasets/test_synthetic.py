"""The dataset: repeatable, seamless, and with the rush hours, rain, incidents and faults it promises."""

import subprocess
import sys

import numpy as np
import pytest

from stgraph.datasets.ctm import CellTransmission, Floats
from stgraph.datasets.demand import demand
from stgraph.datasets.highway import Highway, highway
from stgraph.datasets.synthetic import (
    PER_DAY,
    PER_HOUR,
    STEP_SECONDS,
    SUBSTEPS,
    WARM_UP,
    SyntheticTraffic,
    simulate,
    synthetic,
    time_axis,
)
from stgraph.errors import DataError

SLOW = 60.0  # km/h


@pytest.fixture(scope="module")
def roads() -> Highway:
    return highway()


@pytest.fixture(scope="module")
def wanted(roads: Highway) -> Floats:
    """Demand of a Tuesday and a Wednesday, after the warm-up."""
    return demand(np.random.default_rng(1), time_axis(2, "2024-03-05"), roads.inflow, roads.tide)


@pytest.fixture(scope="module")
def fortnight() -> SyntheticTraffic:
    return synthetic(days=14)


def undisturbed(roads: Highway, wanted: Floats) -> tuple[Floats, Floats]:
    return np.ones(len(wanted)), np.ones((len(wanted), len(roads.lanes)))


def test_the_series_is_what_it_says(fortnight: SyntheticTraffic) -> None:
    series = fortnight.series
    assert series.values.shape == (14 * PER_DAY, len(fortnight.graph), 3)
    assert series.channels == ("speed", "flow", "occupancy")
    assert series.units == ("km/h", "veh/h", "fraction")
    assert series.sensors == fortnight.graph.ids
    assert series.covariate_names == ("rain",)
    assert series.interval == np.timedelta64(5, "m")
    assert series.local_times[0].day_name() == "Monday"
    assert len(series.segments) == 1


def test_same_seed_same_bits_other_seed_other_traffic_same_roads() -> None:
    one, again, other = synthetic(days=1, seed=3), synthetic(days=1, seed=3), synthetic(days=1, seed=4)
    assert one.series.digest() == again.series.digest()
    assert one.incidents == again.incidents
    assert one.series.digest() != other.series.digest()
    assert one.graph.digest() == other.graph.digest()


def test_days_side_by_side_are_days_in_a_row(roads: Highway, wanted: Floats) -> None:
    speed_factor, capacity_factor = undisturbed(roads, wanted)
    capacity_factor *= np.random.default_rng(2).uniform(0.9, 1.05, size=capacity_factor.shape)
    split = simulate(roads, wanted, speed_factor, capacity_factor)
    row = CellTransmission(roads.network, step_seconds=STEP_SECONDS)
    for t in range(len(wanted)):
        row.set_conditions(capacity_factor=capacity_factor[t][:, None])
        averages = row.advance(wanted[t][:, None], steps=SUBSTEPS)
        if t >= WARM_UP:
            expected = averages.flow[roads.sensor_cells, 0]
            np.testing.assert_allclose(split.flow[t - WARM_UP], expected, rtol=1e-7, err_msg=f"step {t}")


def test_the_highway_keeps_every_vehicle_within_its_limits(roads: Highway, wanted: Floats) -> None:
    network = roads.network
    traffic = CellTransmission(network, step_seconds=STEP_SECONDS)
    for now in wanted[WARM_UP + 6 * PER_HOUR : WARM_UP + 11 * PER_HOUR]:
        averages = traffic.advance(now[:, None] * 1.2, steps=SUBSTEPS)
        assert (averages.flow[:, 0] <= network.capacity * (1 + 1e-9)).all()
        density = traffic.vehicles[:, 0] / network.length
        assert ((density >= 0) & (density <= network.jam_density * (1 + 1e-9))).all()
        stored = traffic.vehicles.sum() + traffic.queue.sum()
        assert traffic.arrived[0] - traffic.left[0] == pytest.approx(stored, rel=1e-9)
    assert traffic.queue.sum() > 0


def test_rush_hours_come_on_weekdays_and_are_over_by_night(fortnight: SyntheticTraffic) -> None:
    speed, observed = fortnight.series.values[..., 0], fortnight.series.observed[..., 0]
    slow = np.where(observed, speed < SLOW, 0).mean(axis=1).reshape(14, 24, PER_HOUR).mean(axis=2)
    working = np.arange(14) % 7 < 5
    by_hour = slow[working].mean(axis=0)
    assert 0.03 < slow.mean() < 0.10
    assert slow[~working].mean() < slow[working].mean() / 4
    assert by_hour[8] > 0.15
    assert by_hour[17:19].mean() > 0.10
    assert by_hour[12] < 0.02
    assert (slow[:, [0, 1, 2, 3, 4, 23]] < 0.01).all()
    assert (slow[working].mean(axis=1) > 0.01).all()


def test_no_two_weeks_are_alike(fortnight: SyntheticTraffic) -> None:
    first, second = fortnight.series.values.reshape(2, 7 * PER_DAY, -1, 3)
    rush = np.s_[7 * PER_HOUR : 9 * PER_HOUR]
    assert np.abs(first - second)[rush, :, 0].mean() > 5


def test_free_traffic_drives_at_free_speed(fortnight: SyntheticTraffic, roads: Highway) -> None:
    series = fortnight.series
    assert series.covariates is not None
    dry_nights = (series.local_times.hour < 5) & (series.covariates[:, 0, 0] == 0)
    speed, observed = series.values[dry_nights, :, 0], series.observed[dry_nights, :, 0]
    mean = np.where(observed, speed, 0).sum(axis=0) / observed.sum(axis=0)
    np.testing.assert_allclose(mean, roads.network.free_speed[roads.sensor_cells], rtol=0.01)


def test_speed_flow_and_occupancy_agree(fortnight: SyntheticTraffic, roads: Highway) -> None:
    speed, flow, occupancy = np.moveaxis(fortnight.series.values[fortnight.series.observed[..., 0]], -1, 0)
    assert ((occupancy >= 0) & (occupancy <= 1)).all()
    assert (flow.max() / roads.lanes.max()) < 2600
    busy = flow > 3000
    lanes = np.broadcast_to(roads.lanes[roads.sensor_cells], fortnight.series.observed[..., 0].shape)
    density = flow / speed / lanes[fortnight.series.observed[..., 0]]
    assert np.corrcoef(density[busy], occupancy[busy])[0, 1] > 0.99


def test_rain_slows_all_traffic_and_lengthens_the_queues(roads: Highway, wanted: Floats) -> None:
    speed_factor, capacity_factor = undisturbed(roads, wanted)
    dry = simulate(roads, wanted, speed_factor, capacity_factor)
    wet = simulate(roads, wanted, speed_factor * 0.95, capacity_factor * 0.9)
    noon = np.s_[12 * PER_HOUR : 13 * PER_HOUR]
    dry_speed, wet_speed = dry.flow / dry.density, wet.flow / wet.density
    np.testing.assert_allclose(wet_speed[noon], 0.95 * dry_speed[noon], rtol=1e-6)
    assert (wet_speed < SLOW).mean() > 1.5 * (dry_speed < SLOW).mean()


def test_an_incident_stops_traffic_upstream_and_thins_it_downstream(roads: Highway, wanted: Floats) -> None:
    speed_factor, capacity_factor = undisturbed(roads, wanted)
    clear = simulate(roads, wanted, speed_factor, capacity_factor)
    ids = roads.graph.ids
    sensor = next(i for i, name in enumerate(ids) if name.startswith("C-E-07"))
    cell = int(roads.sensor_cells[sensor]) + 1
    capacity_factor[WARM_UP + 12 * PER_HOUR : WARM_UP + 13 * PER_HOUR, cell] = 0.17
    blocked = simulate(roads, wanted, speed_factor, capacity_factor)
    during = np.s_[12 * PER_HOUR + 3 : 13 * PER_HOUR]
    before, after = (x.flow / x.density for x in (clear, blocked))
    assert (after[during, sensor] < 0.2 * before[during, sensor]).all()
    assert (blocked.flow[during, sensor + 1] < 0.5 * clear.flow[during, sensor + 1]).all()
    np.testing.assert_allclose(after[during, sensor + 1], before[during, sensor + 1], rtol=1e-6)
    reached = (np.abs(after - before) > 1).argmax(axis=0)[[sensor, sensor - 1, sensor - 2]]
    assert (np.diff(reached) > 0).all()  # the tail of the queue runs upstream


def test_incident_labels_point_at_slow_traffic(fortnight: SyntheticTraffic) -> None:
    series, mask = fortnight.series, fortnight.incident_mask()
    speed = np.where(series.observed[..., 0], series.values[..., 0], np.nan)
    assert len(fortnight.incidents) > 14
    drops = []
    for incident in fortnight.incidents:
        sensor = fortnight.graph.ids.index(incident.sensor)
        first, last = np.searchsorted(series.times, [incident.start, incident.end])
        assert mask[first:last, sensor].all()
        if incident.capacity_left < 0.6 and first >= PER_HOUR and 6 <= series.local_times[first].hour < 20:
            drops.append(np.nanmean(speed[first - PER_HOUR : first, sensor]) - np.nanmin(speed[first:last, sensor]))
    assert np.mean(drops) > 25
    assert mask.sum() <= sum((i.end - i.start) // series.interval for i in fortnight.incidents)


def test_silent_detectors_are_marked_and_hold_no_value(fortnight: SyntheticTraffic) -> None:
    series = fortnight.series
    assert (series.values[~series.observed] == 0).all()
    assert (series.observed == series.observed[..., :1]).all()
    assert 0.005 < 1 - series.observed.mean() < 0.04


def test_a_request_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(DataError, match="days: expected at least 1, found 0"):
        synthetic(days=0)
    with pytest.raises(DataError, match="start: expected a date such as 2024-03-04, found 'yesterday'"):
        synthetic(days=1, start="yesterday")


def test_importing_the_datasets_is_light() -> None:
    heavy = "{'torch', 'matplotlib', 'networkx', 'sklearn'}"
    code = f"import sys, stgraph.datasets; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
