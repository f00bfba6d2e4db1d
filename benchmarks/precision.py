"""What bf16 costs in accuracy: the same model, seed and epochs in fp32 and in bf16, on a month of Interstate 5.

Run: STGRAPH_DATA=folder python -m benchmarks.precision
"""

import argparse
from typing import get_args

import pandas as pd

from benchmarks.record import record
from stgraph.datasets import load
from stgraph.evaluation import evaluate
from stgraph.forecasting import fit
from stgraph.training import Training
from stgraph.training.options import Precision

EPOCHS = {"patchnet": 2, "stid": 5, "stgcn": 2}


def main() -> None:
    """Train, score, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=list(EPOCHS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    road = load("i5n-2025-10")
    series, graph = road.series.select(channels=("speed",)), road.graph
    tables = []
    for name in options.models:
        for precision in get_args(Precision):
            epochs = EPOCHS.get(name, 3)
            training = Training(epochs=epochs, seed=options.seed, precision=precision, progress=False)
            forecaster = fit(series, graph, name, training=training)
            table = evaluate({name: forecaster}, series).summary()
            tables.append(table.assign(precision=precision, epochs=epochs, seed=options.seed))
            print(f"{name} {precision}: MAE {table['MAE'].iloc[-1]:.4f}", flush=True)
    columns = ["model", "precision", "epochs", "seed", "lead", "unit", "MAE", "RMSE"]
    record("precision", pd.concat(tables)[columns])


if __name__ == "__main__":
    main()
