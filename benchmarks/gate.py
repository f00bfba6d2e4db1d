r"""What short trainings come to on a problem whose best answer is known; tests/test_accuracy_gate.py holds them to it.

Each sensor is pushed on by those upstream and held up by those downstream, a space-time autoregression (Pfeifer and
Deutsch 1980, https://doi.org/10.1080/00401706.1980.10486099), seen with holes:

.. math:: z_t = M z_{t-1} + e_t, \quad M = 0.15 I + 0.5 D_{in}^{-1} A^T + 0.3 D_{out}^{-1} A.

Nobody can forecast better than M z and M M z, and who does not see the neighbours, or the newest step, forecasts
measurably worse. Run, after a change that is meant to move these figures: python -m benchmarks.gate
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.record import RESULTS, record
from benchmarks.space_matters import shuffled
from stgraph.datasets.highway import highway
from stgraph.evaluation import evaluate
from stgraph.forecasting import fit
from stgraph.graph import SensorGraph
from stgraph.models import ForecastModel, Task, build_model, find_model
from stgraph.patches import PatchBatch
from stgraph.series import Split, TrafficSeries
from stgraph.training import Training

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "patchnet": {"hidden": 16, "layers": 2},
    "dcrnn": {"hidden": 16, "layers": 1},
    "graph-wavenet": {"hidden": 8, "blocks": 1, "vectors": 4, "dropout": 0.0},
}
"""The models, small."""
SEEDS: Final = {"as it is": range(10), "shuffled adjacency": range(3), "late history": range(3)}
"""Recorded of each variant; by five, the deviation of a sixth would be known too badly: one in twenty is beyond 3."""
SENSORS, STEPS, MEAN, NOISE = 48, 1500, 60.0, 3.0  # the last two in km/h
HISTORY, HORIZON = 4, 2
OWN, UPSTREAM, DOWNSTREAM = 0.15, 0.5, 0.3
BEST = "the best there is"


@dataclass(frozen=True, eq=False)
class Problem:
    """A series, its graph, and the error of the best forecast of its test part.

    Args:
        series: speed [km/h] each 5 minutes, one value in twenty unobserved.
        graph: some sensors of the built-in freeways; edges run downstream.
        best: MAE over both steps of the horizon, of one who knows M and the speeds in the holes.
    """

    series: TrafficSeries
    graph: SensorGraph
    best: float


@cache
def problem() -> Problem:
    """Return the problem, always the same; what it does with A is written out here, not taken from the library."""
    graph = highway().graph.subgraph(range(SENSORS))
    edges = graph.adjacency.toarray()
    downstream, upstream = (a / np.where(a.any(1), a.sum(1), 1)[:, None] for a in (edges, edges.T))
    moves = OWN * np.eye(SENSORS) + UPSTREAM * upstream + DOWNSTREAM * downstream
    random = np.random.default_rng(0)
    pushes, observed = random.normal(0, NOISE, (STEPS, SENSORS)), random.random((STEPS, SENSORS, 1)) > 0.05
    z = np.zeros((STEPS, SENSORS))
    for t in range(1, STEPS):
        z[t] = moves @ z[t - 1] + pushes[t]
    series = TrafficSeries(
        values=np.where(observed, MEAN + z[..., None], 0),
        observed=observed,
        times=np.datetime64("2024-01-01", "ns") + np.arange(STEPS) * np.timedelta64(5, "m"),
        sensors=graph.ids,
        channels=("speed",),
        units=("km/h",),
    )
    return Problem(series, graph, _best(z, moves, series))


def _best(z: NDArray[np.float64], moves: NDArray[np.float64], series: TrafficSeries) -> float:
    ((first, last),) = Split().ranges(series, "test")
    origins, forecast, errors = np.arange(first + HISTORY - 1, last - HORIZON), z, []
    for lead in range(1, HORIZON + 1):
        forecast = forecast @ moves.T
        errors.append(np.abs(forecast[origins] - z[origins + lead])[series.observed[origins + lead, :, 0]])
    return float(np.concatenate(errors).mean())


def error(name: str, seed: int, variant: str = "as it is") -> float:
    """Train a model once and return its MAE [km/h] on the test part, over both steps of the horizon.

    Args:
        name: of the model.
        seed: of its parameters and the order of the windows.
        variant: "shuffled adjacency": the neighbours are wrong ones; "late history": the newest step is withheld.
    """
    known = problem()

    def make(task: Task) -> ForecastModel:
        model = build_model(find_model(name), task, SETTINGS[name])
        if variant == "late history":
            model.register_forward_pre_hook(_late)
        return model

    graph = shuffled(known.graph, seed) if variant == "shuffled adjacency" else known.graph
    training = Training(epochs=5, batch_size=32, learning_rate=1e-2, seed=seed, accelerator="cpu", progress=False)
    one = fit(known.series, graph, make, history=HISTORY, horizon=HORIZON, training=training, bounds=False)
    return float(evaluate({name: one}, known.series).summary()["MAE"].iloc[-1])


def _late(_: nn.Module, inputs: tuple[PatchBatch]) -> tuple[PatchBatch]:
    """Show a model the history of one step earlier, the first step of which nobody observed."""

    def later(x: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], dim=1)

    (batch,) = inputs
    return (replace(batch, signal=later(batch.signal), observed=later(batch.observed)),)


def band(name: str) -> tuple[float, float]:
    """Return the mean of the recorded figures of a model as it is, minus and plus three of their deviations."""
    table = pd.read_csv(RESULTS / "gate.csv")
    figures = table[(table["model"] == name) & (table["variant"] == "as it is")]["MAE"]
    return figures.mean() - 3 * figures.std(), figures.mean() + 3 * figures.std()


def main() -> None:
    """Train each model with several seeds, as it is and spoilt, and record."""
    rows: list[dict[str, Any]] = [{"model": BEST, "variant": "as it is", "MAE": problem().best}]
    for name in SETTINGS:
        for variant, seeds in SEEDS.items():
            for seed in seeds:
                rows.append({"model": name, "variant": variant, "seed": seed, "MAE": error(name, seed, variant)})
                print(rows[-1], flush=True)
    record("gate", pd.DataFrame(rows).astype({"seed": "Int64"}))


if __name__ == "__main__":
    main()
