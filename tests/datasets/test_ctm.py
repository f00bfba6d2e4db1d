"""The laws of the cell transmission model: conservation, bounds, wave speeds, junctions, and a slow twin."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.datasets.ctm import CellNetwork, CellTransmission, Floats
from stgraph.errors import DataError, ShapeError
from tests.datasets.ctm_twin import Twin, random_network

# A road with round numbers: critical density 20, wave speed 20 km/h, one cell crossed in 18 s at free speed.
FREE, CAPACITY, JAM, WAVE, LENGTH = 100.0, 2000.0, 120.0, 20.0, 0.5
STEP = 18.0


def network(
    links: list[tuple[int, int]],
    *,
    cells: int,
    share: dict[tuple[int, int], float] | None = None,
    priority: dict[tuple[int, int], float] | None = None,
    capacity: dict[int, float] | None = None,
) -> CellNetwork:
    capacities: Floats = np.array([(capacity or {}).get(cell, CAPACITY) for cell in range(cells)])
    return CellNetwork(
        length=np.full(cells, LENGTH),
        free_speed=np.full(cells, FREE),
        capacity=capacities,
        jam_density=capacities * (JAM / CAPACITY),
        links=np.array(links, dtype=np.int64).reshape(-1, 2),
        share=np.array([(share or {}).get(link, 1.0) for link in links]),
        priority=np.array([(priority or {}).get(link, 1.0) for link in links]),
    )


def road(cells: int) -> CellNetwork:
    return network([(i, i + 1) for i in range(cells - 1)], cells=cells)


def demand(*values: float) -> Floats:
    return np.array(values)[:, None]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), junctions=st.integers(1, 14))
def test_equals_the_slow_twin_and_keeps_every_vehicle(seed: int, junctions: int) -> None:
    rng = np.random.default_rng(seed)
    net = random_network(rng, junctions)
    traffic, twin = CellTransmission(net, step_seconds=STEP), Twin(net, step_seconds=STEP)
    came = 0.0
    for _ in range(8):
        speed_factor, capacity_factor = float(rng.uniform(0.8, 1)), rng.uniform(0.1, 1.2, size=len(net.length))
        wanted = rng.uniform(0, 5000, size=len(net.entries))
        traffic.set_conditions(speed_factor, capacity_factor[:, None])
        for _ in range(6):
            flow = traffic.advance(wanted[:, None]).flow
            expected = twin.step(wanted.tolist(), speed_factor, capacity_factor.tolist())
            came += wanted.sum() * STEP / 3600
            np.testing.assert_allclose(flow[:, 0], expected, rtol=1e-9, atol=1e-7)
            assert (flow[:, 0] <= net.capacity * capacity_factor * (1 + 1e-9)).all()
            density = traffic.vehicles[:, 0] / net.length
            assert ((density >= -1e-9) & (density <= net.jam_density * (1 + 1e-9))).all()
    np.testing.assert_allclose(traffic.vehicles[:, 0], twin.vehicles, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(traffic.queue[:, 0], twin.queue, rtol=1e-9, atol=1e-9)
    stored = traffic.vehicles.sum() + traffic.queue.sum()
    assert traffic.arrived[0] == pytest.approx(came, rel=1e-9)
    assert traffic.arrived[0] - traffic.left[0] == pytest.approx(stored, rel=1e-9)


def test_runs_are_independent() -> None:
    net, wanted = random_network(np.random.default_rng(3), 12), [500.0, 2500.0, 4000.0]
    together = CellTransmission(net, step_seconds=STEP, runs=3)
    together.advance(np.tile(wanted, (len(net.entries), 1)), steps=50)
    for run, value in enumerate(wanted):
        alone = CellTransmission(net, step_seconds=STEP)
        alone.advance(np.full((len(net.entries), 1), value), steps=50)
        np.testing.assert_array_equal(together.vehicles[:, run], alone.vehicles[:, 0])


def test_averages_are_the_means_of_single_steps() -> None:
    net = road(6)
    whole, single = (CellTransmission(net, step_seconds=STEP) for _ in range(2))
    averages = whole.advance(demand(1200), steps=10)
    steps = [single.advance(demand(1200)) for _ in range(10)]
    np.testing.assert_allclose(averages.flow, np.mean([s.flow for s in steps], axis=0))
    np.testing.assert_allclose(averages.density, np.mean([s.density for s in steps], axis=0))


def test_free_flow_moves_one_cell_a_step_unchanged() -> None:
    traffic = CellTransmission(road(10), step_seconds=STEP)
    wanted = np.random.default_rng(0).uniform(0, CAPACITY, size=40)
    flow = np.array([traffic.advance(demand(value)).flow[:, 0] for value in wanted])
    for cell in range(10):
        np.testing.assert_allclose(flow[cell + 1 :, cell], wanted[: -cell - 1], rtol=1e-12)


def arrivals(density: Floats, before: float, after: float) -> Floats:
    """Mean time, in steps, at which each cell goes over from one density to the other."""
    times: Floats = ((density - after) / (before - after)).sum(axis=0)
    return times


def test_a_free_flow_front_runs_downstream_at_free_speed_also_below_the_courant_limit() -> None:
    traffic = CellTransmission(road(20), step_seconds=STEP / 4)
    density = np.array([traffic.advance(demand(1500)).density[:, 0] for _ in range(600)])
    spacing = np.diff(arrivals(density, 0, 1500 / FREE))
    np.testing.assert_allclose(spacing, LENGTH / FREE / (STEP / 4 / 3600), rtol=1e-9)


@pytest.mark.parametrize(("inflow", "outflow"), [(1500.0, 1000.0), (1000.0, 400.0), (1700.0, 900.0)])
def test_a_queue_grows_upstream_at_the_shock_speed(inflow: float, outflow: float) -> None:
    cells = 100
    traffic = CellTransmission(road(cells), step_seconds=STEP)
    traffic.advance(demand(inflow), steps=2 * cells)
    bottleneck = np.ones((cells, 1))
    bottleneck[-1] = outflow / CAPACITY
    traffic.set_conditions(capacity_factor=bottleneck)
    density = np.array([traffic.advance(demand(inflow)).density[:, 0] for _ in range(1600)])
    free, queued = inflow / FREE, JAM - outflow / WAVE
    shock = (inflow - outflow) / (queued - free)  # Rankine and Hugoniot
    # Far from the bottleneck, where the front has found its lasting shape; every fourth cell, as it meets each
    # fourth cell at the same phase of a step.
    times = arrivals(density[:, 5:50:4], free, queued)
    np.testing.assert_allclose(-np.diff(times), 4 * LENGTH / shock * 3600 / STEP, rtol=1e-5)


def test_a_released_queue_dissolves_upstream_at_the_wave_speed() -> None:
    cells, queued = 40, JAM - 1000 / WAVE
    traffic = CellTransmission(road(cells), step_seconds=STEP)
    traffic.vehicles[:] = queued * LENGTH
    density = np.array([traffic.advance(demand(CAPACITY)).density[:, 0] for _ in range(500)])
    times = arrivals(density, queued, CAPACITY / FREE)
    np.testing.assert_allclose(-np.diff(times), LENGTH / WAVE * 3600 / STEP, rtol=1e-9)


def test_what_cannot_enter_waits_and_enters_later() -> None:
    traffic = CellTransmission(road(3), step_seconds=STEP)
    traffic.advance(demand(3000), steps=200)
    assert traffic.queue[0, 0] == pytest.approx((3000 - CAPACITY) * 200 * STEP / 3600)
    traffic.advance(demand(0), steps=400)
    assert traffic.queue[0, 0] == 0
    assert traffic.left[0] == pytest.approx(3000 * 200 * STEP / 3600, rel=1e-12)


@pytest.mark.parametrize(
    ("main", "ramp", "main_flow", "ramp_flow"),
    [
        (3000, 500, 3000, 500),  # room for all
        (4000, 500, 3500, 500),  # the ramp asks for less than its part: the mainline gets the rest
        (4000, 2000, 3000, 1000),  # both ask for too much: three to one
        (2500, 2000, 2500, 1500),  # the mainline asks for less than its part
    ],
)
def test_a_merge_follows_demand_supply_and_priority(
    main: float, ramp: float, main_flow: float, ramp_flow: float
) -> None:
    net = network([(0, 2), (1, 2)], cells=3, priority={(0, 2): 0.75, (1, 2): 0.25}, capacity={0: 4000.0, 2: 4000.0})
    traffic = CellTransmission(net, step_seconds=STEP)
    traffic.vehicles[:2, 0] = np.array([main, ramp]) / FREE * LENGTH
    flow = traffic.advance(demand(0, 0)).flow[:, 0]
    np.testing.assert_allclose(flow[:2], [main_flow, ramp_flow])


def test_a_full_branch_of_a_diverge_holds_up_the_other() -> None:
    net = network([(0, 1), (0, 2)], cells=3, share={(0, 1): 0.75, (0, 2): 0.25}, capacity={0: 4000.0, 1: 4000.0})
    traffic = CellTransmission(net, step_seconds=STEP)
    traffic.vehicles[0] = 4000 / FREE * LENGTH
    traffic.vehicles[2] = (JAM - 500 / WAVE) * LENGTH  # can receive 500 veh/h
    before = traffic.vehicles[:, 0].copy()
    flow = traffic.advance(demand(0)).flow[:, 0]
    gained = (traffic.vehicles[:, 0] - before) * 3600 / STEP
    assert flow[0] == pytest.approx(2000)
    assert gained[1] == pytest.approx(1500)
    assert gained[2] == pytest.approx(500 - flow[2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": np.array([0.5, -1.0, 0.5])}, r"length: expected finite and positive, found -1.0 at cell 1"),
        ({"jam_density": np.full(3, 20.0)}, r"jam_density: expected more than .* at cell 0"),
        ({"links": np.array([[0, 1], [1, 3]])}, r"links: expected cells 0 .. 2, found \[1 3\] at link 1"),
        ({"share": np.array([1.0, 0.4])}, r"share: expected the links of a cell to sum to 1, found 0.4 at cell 1"),
        ({"priority": np.array([1.0, 0.0])}, r"priority: expected above 0, at most 1, found 0.0 at link 1"),
    ],
)
def test_an_impossible_network_is_refused(change: dict[str, Any], message: str) -> None:
    good = road(3)
    fields = {name: getattr(good, name) for name in CellNetwork.__dataclass_fields__} | change
    with pytest.raises(DataError, match=message):
        CellNetwork(**fields)


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ([(0, 1), (0, 2), (0, 3)], "at most two out of a cell, found 3 at cell 0"),
        ([(1, 0), (2, 0), (3, 0)], "at most two into a cell, found 3 at cell 0"),
        ([(0, 2), (0, 3), (1, 2)], r"either to diverge or to merge, not both, found \[0 2\] at link 0"),
    ],
)
def test_a_junction_of_another_kind_is_refused(links: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        network(links, cells=4)


def test_a_step_too_long_for_a_cell_is_refused() -> None:
    with pytest.raises(DataError, match="20 s is too long, expected at most 1 cell crossed at free speed"):
        CellTransmission(road(3), step_seconds=20)


def test_conditions_and_demand_of_another_size_or_range_are_refused() -> None:
    traffic = CellTransmission(road(3), step_seconds=STEP)
    with pytest.raises(ShapeError, match="capacity_factor"):
        traffic.set_conditions(capacity_factor=np.ones(3))
    with pytest.raises(DataError, match="speed_factor between 0 and 1"):
        traffic.set_conditions(speed_factor=1.1)
    with pytest.raises(ShapeError, match="demand"):
        traffic.advance(np.ones((2, 1)))
