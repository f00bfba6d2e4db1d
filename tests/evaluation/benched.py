"""A tiny world as files, and runs on it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

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
