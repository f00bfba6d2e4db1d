"""How long one waits: for the import, for the command line, and for one forecast of 207 sensors, as an operator asks.

Run: python -m benchmarks.latency
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from benchmarks.record import record
from stgraph.forecasting import fit
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries
from stgraph.training import Training, random_batch, steps_of

SENSORS, STEPS = 207, 400


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median wall time of some work after one warm-up."""
    taken = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1e3 * statistics.median(taken[1:])


def process(*arguments: str) -> Callable[[], object]:
    """Return the work of running Python with some arguments."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)  # noqa: S603


def noise() -> tuple[TrafficSeries, SensorGraph]:
    """Return speeds of as many sensors as METR-LA has, on a random graph of its density."""
    rng = np.random.default_rng(0)
    graph = SensorGraph(
        tuple(str(n) for n in range(SENSORS)), sp.csr_array(sp.random_array((SENSORS, SENSORS), density=0.04, rng=rng))
    )
    values = rng.normal(60, 10, (STEPS, SENSORS, 1)).astype(np.float32)
    times = np.datetime64("2024-03-01", "ns") + np.arange(STEPS) * np.timedelta64(5, "m")
    series = TrafficSeries(values, np.ones_like(values, dtype=bool), times, graph.ids, ("speed",), ("mph",))
    return series, graph


def main() -> None:
    """Measure and record."""
    series, graph = noise()
    forecaster = fit(series, graph, training=Training(epochs=1, progress=False, accelerator="cpu"))
    newest = series.slice(STEPS - 12, STEPS)
    forward, _ = steps_of(forecaster.model, random_batch(forecaster.model, 1))
    works = {
        "python -c pass": process("-c", "pass"),
        "import stgraph": process("-c", "import stgraph"),
        "stgraph --help": process("-c", "from stgraph.cli.main import main; main()", "--help"),
        "PatchNet, one window, the model alone": forward,
        "PatchNet, one window, Forecaster.forecast(series)": lambda: forecaster.forecast(newest),
    }
    record("latency", [{"what": what, "median_ms": milliseconds(work, 15)} for what, work in works.items()])


if __name__ == "__main__":
    main()
