"""Does PatchNet use the road? Paired over seeds on the synthetic network, beside the baselines.

Trains PatchNet as it is, with hops = 0, and on a graph whose adjacency is shuffled among the sensors; the same
seeds of parameters and batch order for all three. Run: python -m benchmarks.space_matters --seeds 3
"""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.record import record
from stgraph.datasets import SyntheticTraffic, synthetic
from stgraph.evaluation import evaluate, fit_baselines
from stgraph.forecasting import Forecaster, fit
from stgraph.graph import SensorGraph
from stgraph.training import Training


def shuffled(graph: SensorGraph, seed: int) -> SensorGraph:
    """Return the same sensors with the adjacency of a random relabelling: right degrees, wrong neighbours."""
    order = np.random.default_rng(seed).permutation(len(graph))
    return SensorGraph(graph.ids, graph.adjacency[order][:, order], graph.positions)


def variants(traffic: SyntheticTraffic, training: Training) -> dict[str, Forecaster]:
    """Train the three variants with one seed."""

    def train(graph: SensorGraph, **settings: Any) -> Forecaster:  # noqa: ANN401 - arguments of PatchNet
        return fit(traffic.series, graph, "patchnet", training=training, settings=settings)

    return {
        "patchnet": train(traffic.graph),
        "patchnet, hops=0": train(traffic.graph, hops=0),
        "patchnet, shuffled adjacency": train(shuffled(traffic.graph, training.seed)),
    }


def main() -> None:
    """Train, score, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--days", type=int, default=28)
    options = parser.parse_args()
    traffic = synthetic(options.days, seed=0)
    tables = []
    for seed in range(options.seeds):
        training = Training(epochs=options.epochs, seed=seed, progress=False)
        models = variants(traffic, training)
        if not seed:
            models |= fit_baselines(models["patchnet"], traffic.series)
        table = evaluate(models, traffic.series).summary()
        print(f"seed {seed}\n{table[['model', 'lead', 'MAE', 'RMSE', 'MAPE']].to_string(index=False)}", flush=True)
        tables.append(table.assign(seed=seed, epochs=options.epochs, days=options.days))
    everything = pd.concat(tables)
    columns = ["model", "seed", "epochs", "days", "lead", "unit", "MAE", "RMSE", "MAPE", "WAPE"]
    record("space_matters", everything[columns])
    wide = everything.pivot_table(index=["lead", "seed"], columns="model", values="MAE")
    for other in ("patchnet, hops=0", "patchnet, shuffled adjacency"):
        gain = (wide[other] - wide["patchnet"]).groupby("lead").agg(["mean", "min", "max"])
        print(f"MAE that the road saves against {other}, over seeds:\n{gain.to_string()}")


if __name__ == "__main__":
    main()
