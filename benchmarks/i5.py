"""Interstate 5 North in October 2025: one month of Caltrans PeMS, 303 stations in the order of the road."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries

TRUSTED = 50  # percent of a value's samples that were measured: PeMS fills in the rest


def i5_october() -> tuple[TrafficSeries, SensorGraph]:
    """Return the speeds and the chain of stations from ``$STGRAPH_DATA/i5n-2025-10``; imputed values are unobserved."""
    folder = Path(os.environ.get("STGRAPH_DATA", "")) / "i5n-2025-10"
    if "STGRAPH_DATA" not in os.environ or not folder.is_dir():
        message = "this benchmark needs real data: set STGRAPH_DATA to the folder that holds i5n-2025-10/"
        raise SystemExit(message)
    with np.load(folder / "wide.npz") as file:
        speed, trusted = file["speed"], file["pct_observed"] >= TRUSTED
        ids = tuple(str(station) for station in file["station"])
        times = file["timestamp"].astype("datetime64[m]").astype("datetime64[ns]")
    observed = (trusted & np.isfinite(speed))[..., None]
    values = np.where(observed, speed[..., None], 0).astype(np.float32)
    stations = pd.read_csv(folder / "stations_in_order.csv", dtype={"ID": str}).set_index("ID").loc[list(ids)]
    chain = sp.csr_array(np.eye(len(ids), k=1))
    graph = SensorGraph(ids, chain, stations[["Longitude", "Latitude"]].to_numpy())
    return TrafficSeries(values, observed, times, ids, ("speed",), ("mph",)), graph
