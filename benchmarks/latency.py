"""How long one waits: for the import, for the command line, and for one forecast of 207 sensors, as an operator asks.

Run: python -m benchmarks.latency
"""

import subprocess
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.loader import metr_la_size
from benchmarks.record import record
from stgraph.forecasting import fit
from stgraph.graph import SensorGraph
from stgraph.training import Training, random_adjacency, random_batch, seconds_of, steps_of

STEPS = 400


def process(*arguments: str) -> Callable[[], object]:
    """Return the work of running Python with some arguments."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)  # noqa: S603


def main() -> None:
    """Measure and record."""
    series = metr_la_size(STEPS)
    graph = SensorGraph(series.sensors, random_adjacency(len(series.sensors)))
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
    rows = [{"what": what, "median_ms": 1e3 * np.median(seconds_of([work], 15))} for what, work in works.items()]
    record("latency", rows)


if __name__ == "__main__":
    main()
