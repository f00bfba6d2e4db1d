"""What a national network costs to train on many machines: what can be measured here, and arithmetic on it.

Run: python -m benchmarks.plan, which measures for a minute or two and writes results/plan.csv;
     python -m benchmarks.plan SECONDS prints the plan anew for a device that takes so long for a training step.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from benchmarks.record import RESULTS, record
from stgraph.graph import SensorGraph, partition
from stgraph.models import PatchNet, Task
from stgraph.patches import Patch, PatchLoader, Resident, Window, grid_patches
from stgraph.propagation import build_weights
from stgraph.series import Profile, Scaler, TrafficSeries
from stgraph.training import memory_kept, steps_of

PATCH, WINDOWS, HISTORY, HORIZON = 1_000, 64, 12, 12
SIDE, STEPS = 300, 120  # of the network that is measured: 90,000 sensors; a halo does not depend on how many there are
PAGE, CELL = 4_096, 4 + 1  # bytes: of a page of memory; of a value, float32, and whether it was observed

SENSORS, TRAINING, VALIDATION = 1_000_000, 63_072, 21_024  # windows: 60 % and 20 % of a year of 5 minutes
MACHINES, DEVICES, GBIT = 4, 8, 10.0


def streets(side: int) -> SensorGraph:
    """Return a city without end: sensors on a square lattice, each with four neighbours, row after row."""
    line = sp.eye_array(side, k=1) + sp.eye_array(side, k=-1)
    lattice = sp.csr_array(sp.kron(sp.eye_array(side), line) + sp.kron(line, sp.eye_array(side)))
    return SensorGraph(tuple(map(str, range(side**2))), lattice)


def freeways(side: int) -> SensorGraph:
    """Return the same sensors on freeways: only every tenth of the lattice's cross streets is there."""
    line = sp.eye_array(side, k=1) + sp.eye_array(side, k=-1)
    crossing = sp.diags_array((np.arange(side) % 10 == 0).astype(float))
    lattice = sp.csr_array(sp.kron(sp.eye_array(side), line) + sp.kron(line, crossing))
    return SensorGraph(tuple(map(str, range(side**2))), lattice)


def pages(sensors: NDArray[np.int64]) -> float:
    """Return the bytes of the pages on which the values of some sensors lie at one time, in the network planned."""
    sensors = sensors // SIDE * round(SENSORS**0.5) + sensors % SIDE  # whose rows are longer
    return len(np.unique(sensors * 4 // PAGE)) * PAGE + len(np.unique(sensors // PAGE)) * PAGE


def core_seconds(work: Callable[[], object]) -> float:
    """Return the seconds of a processor core, the least of five times."""
    taken = []
    for _ in range(5):
        start = time.process_time()  # what others do on this machine is not in it
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def measured(name: str, graph: SensorGraph) -> dict[str, float | str]:
    """Cut a network, and take real steps on patches of it: as they are cut, from a series in memory."""
    task = Task(len(graph), channels_in=1, history=HISTORY, horizon=HORIZON, interval=300.0, steps_per_day=288)
    model = PatchNet(task)
    patches = grid_patches(graph, partition(graph, -(-len(graph) // PATCH)), model.reach)
    loader = _loader(graph, model, patches)
    batch = next(iter(loader))
    forecast, learn = steps_of(model, batch)
    return {
        "network": name,
        "reach": model.reach or 0,
        "parameters": sum(p.numel() for p in model.parameters()),
        "halo": sum(map(len, patches)) / len(graph) - 1,
        "sensors in the timed patch": len(batch.sensors),
        "read s": core_seconds(lambda: next(iter(loader))),
        "forecast s": core_seconds(forecast),
        "step s": core_seconds(learn),
        "page bytes": float(np.mean([pages(patch.sensors) for patch in patches])),
    }


def _loader(graph: SensorGraph, model: PatchNet, patches: list[Patch]) -> PatchLoader:
    series = TrafficSeries(
        values=np.random.default_rng(0).normal(60, 10, (STEPS, len(graph), 1)).astype(np.float32),
        observed=np.ones((STEPS, len(graph), 1), dtype=bool),
        times=np.datetime64("2024-01-01", "ns") + np.arange(STEPS) * np.timedelta64(5, "m"),
        sensors=graph.ids,
        channels=("speed",),
        units=("km/h",),
    )
    every, scaler = ((0, STEPS),), Scaler.fit(series, [(0, STEPS)])
    resident = Resident.of(series, scaler, profile=Profile.of(series, scaler, every), leave_out=every)
    placed = Window(HISTORY, HORIZON).place([(0, STEPS)])
    weights = build_weights(graph.adjacency, model.weights)
    return PatchLoader(resident, weights, patches, placed, batch_size=WINDOWS, blocks=1)


@dataclass(frozen=True)
class Plan:
    """The arithmetic, for one kind of network.

    Args:
        parameters: of the model.
        halo: sensors beside each that is answered for.
        step: seconds of a training step, reading it included.
        forecast: seconds of a step of validation, reading it included.
        page_bytes: that the sensors of a patch lie on at one time.
    """

    parameters: int
    halo: float
    step: float
    forecast: float
    page_bytes: float

    def rows(self) -> dict[str, str]:
        """Return each figure, and how it is spelled."""
        processes = MACHINES * DEVICES
        patches = -(-SENSORS // PATCH)
        each = -(-patches // processes)
        steps, checks = (each * -(-windows // WINDOWS) for windows in (TRAINING, VALIDATION))
        gradient = 4 * self.parameters
        sent = 2 * (processes - 1) / processes * gradient
        values = WINDOWS * (HISTORY + HORIZON) * PATCH * CELL
        paged = WINDOWS * (HISTORY + HORIZON) * self.page_bytes
        hours = (steps * self.step + checks * self.forecast) / 3600
        return {
            "parameters of PatchNet": f"{self.parameters:,}",
            "store of a year": f"{SENSORS * 365 * 288 * CELL / 1e9:,.0f} GB",
            "patches, and of each process": f"{patches:,}, {each}",
            "training steps of an epoch": f"{steps:,}",
            "gradient": f"{gradient / 1e6:.2f} MB",
            "sent by each process a step": f"{sent / 1e6:.2f} MB, {8e-6 * sent / GBIT:.1f} ms at {GBIT:g} Gbit/s",
            "halo beside each sensor": f"{self.halo:.3f}",
            "read a step, centre alone": f"{values / 1e6:.1f} MB",
            "read a step, with halo": f"{values * (1 + self.halo) / 1e6:.1f} MB",
            "pages under that, at worst": f"{paged / 1e6:.0f} MB",
            "core seconds of a training step": f"{self.step:.2f}",
            "core seconds of a validation step": f"{self.forecast:.2f}",
            f"hours of an epoch on {processes} of these": f"{hours:,.0f}",
        }


def plans(table: pd.DataFrame, seconds: float | None = None) -> dict[str, Plan]:
    """Return the plan of each network that was measured, or one for a step of so many seconds."""
    found = {}
    for row in table.to_dict("records"):
        scale = 1.0 if seconds is None else seconds / (row["read s"] + row["step s"])
        step, forecast = (scale * (row["read s"] + row[key]) for key in ("step s", "forecast s"))
        found[row["network"]] = Plan(int(row["parameters"]), row["halo"], step, forecast, row["page bytes"])
    return found


def spelled(found: dict[str, Plan]) -> str:
    """Return plans as a Markdown table."""
    columns = [plan.rows() for plan in found.values()]
    lines = [f"| | {' | '.join(found)} |", f"| --- {'| ---: ' * len(found)}|"]
    lines += [f"| {key} | {' | '.join(column[key] for column in columns)} |" for key in columns[0]]
    return "\n".join(lines)


def main() -> None:
    """Measure and write, or read what was measured; print the plan."""
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if sys.argv[1:] else None
    if seconds is None:
        with memory_kept():  # as every training has it
            rows = [measured("streets", streets(SIDE)), measured("freeways", freeways(SIDE))]
        record("plan", rows)
    print(spelled(plans(pd.read_csv(RESULTS / "plan.csv"), seconds)))


if __name__ == "__main__":
    main()
