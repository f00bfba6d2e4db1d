"""The weekly profile against a loop, with its fallbacks."""

from collections import defaultdict

import numpy as np
import torch

from stgraph.models import HistoricalAverage, Task
from stgraph.patches import PatchLoader, Resident, whole
from stgraph.series import Scaler, TrafficSeries
from tests import contracts
from tests.conftest import World


def naive_profile(series: TrafficSeries, last: int, sensor: int, day: int, step: int) -> float:
    """Week slot -> day slot -> sensor -> network, the first that was ever observed."""
    pools: dict[str, list[float]] = defaultdict(list)
    for t in range(last):
        when = series.local_times[t]
        slot = (when.hour * 60 + when.minute) // 30
        for n in range(len(series.sensors)):
            if series.observed[t, n, 0]:
                value = float(series.values[t, n, 0])
                pools["network"].append(value)
                if n == sensor:
                    pools["sensor"].append(value)
                    if slot == step:
                        pools["day"].append(value)
                        if when.dayofweek == day:
                            pools["week"].append(value)
    return float(np.mean(next(pools[k] for k in ("week", "day", "sensor", "network") if pools[k])))


def test_the_profile_equals_the_loop_in_every_fallback(speed_world: World) -> None:
    series, last = speed_world.series, 101  # two days and some steps: not every slot of the week is there
    scaler = Scaler.fit(series, [(0, last)])
    task = Task(len(speed_world.graph), history=6, horizon=4, interval=1800, steps_per_day=48)
    model = HistoricalAverage(task)
    placed = model.closed_window().place([(0, last)])
    model.fit_closed(PatchLoader(Resident.of(series, scaler), [], [whole(task.sensors)], placed))
    for sensor, day, step in ((0, 0, 10), (5, 1, 47), (5, 4, 10), (3, 0, 0), (0, 6, 3)):
        # fit_closed was given physical targets here, so the profile is physical
        assert np.isclose(
            model.profile[day, step, sensor, 0], naive_profile(series, last, sensor, day, step), rtol=1e-5
        )


def test_it_forecasts_the_slot_of_each_step_of_the_horizon(world: World) -> None:
    model = contracts.fitted("historical-average", world)
    assert isinstance(model, HistoricalAverage)
    batch = contracts.batch_of(model, world)
    out = model(batch)
    for b, h in ((0, 0), (3, 2), (7, 3)):
        step, day, _ = batch.calendar[b, 6 + h, 0].tolist()
        assert torch.equal(out[b, h], model.profile[day, step])
