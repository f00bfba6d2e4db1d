"""How many windows a second the loader makes at METR-LA size, beside the floor of copying the same bytes.

Run: python -m benchmarks.loader
"""

import tracemalloc
from functools import partial

import numpy as np
import torch

from benchmarks.record import record
from stgraph.patches import PatchBatch, PatchLoader, Resident, Window, whole
from stgraph.propagation import WeightSpec, build_weights
from stgraph.series import Scaler, TrafficSeries
from stgraph.training import random_adjacency, seconds_of

STEPS, SENSORS, HISTORY, HORIZON = 34_272, 207, 12, 12  # METR-LA


def metr_la_size(steps: int = STEPS) -> TrafficSeries:
    """Return noise of the shape of METR-LA: four months of 5 minutes, 8 % holes; or so many steps of it."""
    rng = np.random.default_rng(0)
    shape = (steps, SENSORS, 1)
    return TrafficSeries(
        values=rng.normal(60, 10, shape).astype(np.float32),
        observed=rng.random(shape) > 0.08,
        times=np.datetime64("2012-03-01", "ns") + np.arange(steps) * np.timedelta64(5, "m"),
        sensors=tuple(str(n) for n in range(SENSORS)),
        channels=("speed",),
        units=("mph",),
    )


def bytes_of(batch: PatchBatch) -> int:
    """Return the bytes of what the loader writes for one batch."""
    parts = (batch.signal, batch.observed, batch.calendar, batch.target, batch.target_observed)
    return sum(x.nbytes for x in parts if x is not None)


def consume(loader: PatchLoader) -> None:
    """Make every batch of an epoch."""
    for _ in loader:
        pass


def copy_bytes(count: int, times: int) -> None:
    """Copy `count` bytes so many times: what any loader must at least do."""
    source = torch.empty(count, dtype=torch.uint8)
    target = torch.empty_like(source)
    for _ in range(times):
        target.copy_(source)


def main() -> None:
    """Time one shuffled epoch for several batch sizes."""
    series = metr_la_size()
    scaler = Scaler.fit(series, [(0, STEPS)])
    weights = build_weights(random_adjacency(SENSORS), [WeightSpec("forward"), WeightSpec("backward")])
    rows = []
    for size in (16, 64, 256):
        tracemalloc.start()
        resident = Resident.of(series, scaler)
        placed = Window(HISTORY, HORIZON).place([(0, STEPS)])
        loader = PatchLoader(resident, weights, [whole(SENSORS)], placed, batch_size=size, shuffle=True)
        extra = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        works = [partial(consume, loader), partial(copy_bytes, bytes_of(next(iter(loader))), len(loader))]
        epoch, copy = np.median(seconds_of(works), axis=1)
        own = series.values.nbytes + series.observed.nbytes
        rows.append(
            {
                "batch_size": size,
                "windows_per_s": len(placed) / epoch,
                "ms_per_batch": 1e3 * epoch / len(loader),
                "times_the_copy_floor": epoch / copy,
                "series_mb": own / 1e6,
                "beside_the_series_mb": extra / 1e6,
                "beside_the_series_share": extra / own,
            }
        )
    record("loader", rows)


if __name__ == "__main__":
    main()
