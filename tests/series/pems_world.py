"""Files as the Data Clearinghouse of PeMS writes them: 12 columns and 5 for each of 8 lanes; metadata of 18 columns."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stgraph.series.pems_batches import COLUMNS

LANES = 8
HEADER = [
    *("ID", "Fwy", "Dir", "District", "County", "City", "State_PM", "Abs_PM", "Latitude", "Longitude", "Length"),
    *("Type", "Lanes", "Name", "User_ID_1", "User_ID_2", "User_ID_3", "User_ID_4"),
]


@dataclass(frozen=True)
class Station:
    """A station as the metadata describe it."""

    name: str
    freeway: int = 5
    direction: str = "N"
    kind: str = "ML"
    lanes: int = 3


STATIONS = (
    Station("715898"),
    Station("715915", lanes=5),
    Station("1108437"),
    Station("715916", direction="S"),
    Station("716001", freeway=10),
    Station("715920", kind="HV", lanes=1),
    Station("715921", kind="OR", lanes=1),
)


def day_lines(
    day: str = "2025-10-08", *, steps: int = 288, first: int = 0, stations: tuple[Station, ...] = STATIONS
) -> list[str]:
    """Return the lines of a day: all stations of a time, then those of the next; ramps have a flow alone."""
    rng = np.random.default_rng(int(day.replace("-", "")))
    lines = []
    for time in pd.date_range(day, periods=288, freq="5min")[first : first + steps]:
        for station in stations:
            share = int(rng.choice([0, 33, 50, 67, 100]))
            flow, occupancy, speed = rng.integers(0, 900), rng.random() / 2, 15 + 60 * rng.random()
            slow = ["", ""] if station.kind == "OR" else [f"{occupancy:.4f}".lstrip("0"), f"{speed:.1f}"]
            lane = [str(10 * (share > 0)), str(flow // station.lanes), *slow, str(int(share > 0))]
            cells = [
                *(time.strftime("%m/%d/%Y %H:%M:%S"), station.name, "7", str(station.freeway), station.direction),
                *(station.kind, ".828", str(10 * station.lanes), str(share), str(flow), *slow),
                *lane * station.lanes,
                *[""] * 5 * (LANES - station.lanes),
            ]
            lines.append(",".join(cells))
    return lines


def write_day(folder: Path, lines: list[str], day: str = "2025-10-08", ending: str = ".txt.gz") -> Path:
    """Write lines as a station file."""
    path = folder / f"d07_text_station_5min_{day.replace('-', '_')}{ending}"
    text = "\n".join(lines) + "\n"
    if ending == ".parquet":
        table = frame(lines)
        numeric = [name for name in COLUMNS if name not in {"Timestamp", "Direction", "LaneType"}]
        table[numeric] = table[numeric].apply(pd.to_numeric)
        table.assign(Timestamp=pd.to_datetime(table["Timestamp"])).to_parquet(path, index=False)
    else:
        path.write_bytes(gzip.compress(text.encode()) if ending.endswith(".gz") else text.encode())
    return path


def frame(lines: list[str]) -> pd.DataFrame:
    """Return the first 12 columns, as text."""
    return pd.DataFrame([line.split(",")[: len(COLUMNS)] for line in lines], columns=list(COLUMNS))


def write_meta(folder: Path, rows: list[list[str]] | None = None, day: str = "2023_12_22") -> Path:
    """Write station metadata."""
    if rows is None:
        rows = [
            [
                *(s.name, str(s.freeway), s.direction, "7", "37", "", f"R{k}.5", f"{100 + k / 2}"),
                *(f"{33 + k / 100:.6f}", f"{-118 - k / 100:.6f}", "" if s.kind == "OR" else ".828", s.kind),
                *(str(s.lanes), f"ORR - DAY, {k}", "2029", "", "", ""),
            ]
            for k, s in enumerate(STATIONS)
        ]
    path = folder / f"d07_text_meta_{day}.txt"
    path.write_text("\n".join("\t".join(row) for row in [HEADER, *rows]) + "\n")
    return path
