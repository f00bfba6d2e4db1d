"""A tiny world as files, and runs on it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from stgraph.evaluation.bench_results import COLUMNS
from stgraph.evaluation.bench_run import BenchRun
from stgraph.evaluation.bench_source import TrafficSource
from stgraph.training import Training
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

TRAINING = Training(epochs=3, batch_size=32, learning_rate=0.01, progress=False, accelerator="cpu")
HOW = {"start": "2012-03-01", "interval": "30min", "unit": ["mph"]}
SMALL = {"hidden": "8"}


def source_of(world: World, folder: Path, **changes: Any) -> TrafficSource:
    """The speeds of the world, 24 windows of test data."""
    series, adjacency = write_world(World(world.graph, world.series.slice(0, 300)), folder)
    return replace(TrafficSource("tiny", series=series, adjacency=adjacency, how=HOW), **changes)


def run_of(source: TrafficSource, model: str = "gru", **changes: Any) -> BenchRun:
    settings = SMALL if model == "gru" else {}
    return replace(BenchRun(source, "clean", model, 6, 4, TRAINING, settings), **changes)


def rows_of(model: str, errors: dict[str, float], **cells: str) -> list[dict[str, str]]:
    """Rows of one run: lead -> its MAE; RMSE is twice that, MAPE three times, accuracy one less a hundredth of it."""
    common = {"dataset": "metr-la", "protocol": "dcrnn", "history": "12", "horizon": "12", "model": model, "seed": "0"}
    common |= {"channel": "speed", "unit": "mph", "converged": "yes", "commit": "abc", "machine": "a CPU", "torch": "2"}
    common |= {"epochs": "30", "epochs_planned": "30", "epochs_run": "20", "seconds_per_epoch": "2.5", "windows": "99"}
    common |= {"peak_gib": "1.26", "parameters": "12345", "precision": "32"} | cells
    return [
        common
        | {"lead": lead, "MAE": f"{e:g}", "RMSE": f"{2 * e:g}", "MAPE": f"{3 * e:g}", "accuracy": f"{1 - e / 100:g}"}
        for lead, e in errors.items()
    ]


def table_of(*runs: list[dict[str, str]]) -> pd.DataFrame:
    """The rows of runs as the table that they come from."""
    rows = [dict.fromkeys(COLUMNS, "") | row for run in runs for row in run]
    return pd.DataFrame(rows, columns=list(COLUMNS))
