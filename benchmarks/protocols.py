"""What each protocol changes on one and the same forecast.

One model is fitted once, under `clean`; its forecasts are then scored under every protocol. The difference between
two rows is therefore no model's merit. Run: python -m benchmarks.protocols
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.record import record
from stgraph.datasets import synthetic
from stgraph.evaluation import PROTOCOLS, evaluate
from stgraph.forecasting import fit
from stgraph.series import TrafficSeries
from stgraph.training import Training


def silent_hours(series: TrafficSeries, share: float, seed: int) -> TrafficSeries:
    """Return the series with so many more of its sensor-hours unobserved, as detectors fail: for hours at a time."""
    hour = series.steps_per_day // 24
    blocks = np.random.default_rng(seed).random((-(-len(series) // hour), len(series.sensors))) < share
    silent = np.repeat(blocks, hour, axis=0)[: len(series)]
    return replace(series, observed=series.observed & ~silent[..., None])


def main() -> None:
    """Fit once, score under each, record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--model", default="linear-regression")
    parser.add_argument("--holes", type=float, default=0.08, help="share of sensor-hours silenced; METR-LA has 8 %%")
    options = parser.parse_args()
    traffic = synthetic(options.days, seed=0)
    series = silent_hours(traffic.series, options.holes, seed=0)
    forecaster = fit(series, traffic.graph, options.model, training=Training(progress=False))
    rows = []
    for name, protocol in PROTOCOLS.items():
        scored = evaluate({options.model: forecaster}, series, protocol=protocol)
        for row in scored.summary().to_dict(orient="records"):
            errors = {metric: row[metric] for metric in ("MAE", "RMSE", "MAPE", "WAPE", "R2")}
            figure = {"protocol": name, "windows": scored.windows, "lead": row["lead"], "unit": row["unit"]}
            rows.append(figure | {"model": options.model, "days": options.days, "holes": options.holes} | errors)
    record("protocols", rows)


if __name__ == "__main__":
    main()
