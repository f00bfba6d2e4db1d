"""A simulated dataset as files, in the forms that a road authority would send."""

import csv
from pathlib import Path

from stgraph.datasets.synthetic import SyntheticTraffic
from stgraph.files import written_whole
from stgraph.graph import write_adjacency
from stgraph.series import write_npz


def write_files(traffic: SyntheticTraffic, folder: str | Path) -> Path:
    """Write series.npz, adjacency.csv (labelled), sensors.csv (positions) and incidents.csv to a folder.

    Each file is whole or not there.

    Raises:
        DataError: the folder cannot be written.
    """
    place, graph = Path(folder), traffic.graph
    write_npz(traffic.series, place / "series.npz")
    write_adjacency(graph, place / "adjacency.csv")
    if graph.positions is not None:
        rows = zip(graph.ids, graph.positions.tolist(), strict=True)
        _write_rows(
            place / "sensors.csv",
            ["sensor", "longitude", "latitude"],
            [[name, f"{x:.6f}", f"{y:.6f}"] for name, (x, y) in rows],
        )
    _write_rows(
        place / "incidents.csv",
        ["start", "end", "roadway", "kilometre", "sensor", "capacity_left"],
        [
            [str(x) for x in (i.start, i.end, i.roadway, i.kilometre, i.sensor, i.capacity_left)]
            for i in traffic.incidents
        ],
    )
    return place


def _write_rows(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with written_whole(path) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
