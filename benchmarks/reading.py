"""What reading long files takes: seconds, and peak memory at 10 and 30 days; each reading in a process of its own.

Run: python -m benchmarks.reading
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.record import record

SENSORS, PER_DAY, LANES = 303, 288, 8  # Interstate 5 North in southern California
DAYS = (10, 30)
MEASURED = """
import sys, time
from pathlib import Path
from stgraph.series import read_pems, read_series, store_files

def peak():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024

what, folder, *files = sys.argv[1:]
began = time.perf_counter()
if what == "store_files":
    store_files(files, folder)
elif what == "read_pems":
    read_pems(files)
else:
    read_series(files[0])
print(time.perf_counter() - began, peak())
"""
"""Linux says the peak of the process itself; what `resource` says begins with the peak of the parent."""


def measured(what: str, folder: Path, files: list[Path]) -> tuple[float, float]:
    """Return the seconds and the peak memory [MB] of one reading in a new process."""
    command = [sys.executable, "-c", MEASURED, what, str(folder), *map(str, files)]
    out = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    seconds, peak = out.stdout.split()
    return float(seconds), float(peak)


def table_of(day: int, sensors: int = SENSORS) -> pd.DataFrame:
    """Return a day in long form, the sensors of a time together."""
    rng = np.random.default_rng(day)
    times = pd.date_range(pd.Timestamp("2025-10-01") + pd.Timedelta(days=day), periods=PER_DAY, freq="5min")
    rows = PER_DAY * sensors
    return pd.DataFrame(
        {
            "time": times.repeat(sensors),
            "sensor": np.tile(np.arange(700_000, 700_000 + sensors), PER_DAY),
            "speed": rng.normal(60, 10, rows).round(1),
            "flow": rng.integers(0, 900, rows),
            "occupancy": rng.random(rows).round(4),
        }
    )


def write_long(folder: Path, days: int, sensors: int = SENSORS) -> list[Path]:
    """Write days as long CSV, a file a day, and return their paths."""
    paths = [folder / f"day_{day:02d}.csv" for day in range(days)]
    for day, path in enumerate(paths):
        table_of(day, sensors).to_csv(path, index=False)
    return paths


def write_one(folder: Path, days: list[Path]) -> list[Path]:
    """Write the rows of day files to one file, sorted by sensor and then by time."""
    path = folder / f"whole_{len(days)}.csv"
    pd.concat([pd.read_csv(day) for day in days]).sort_values(["sensor", "time"]).to_csv(path, index=False)
    return [path]


def write_pems(folder: Path, days: int, sensors: int = SENSORS) -> list[Path]:
    """Write days as the Data Clearinghouse of PeMS does, and return their paths."""
    paths = [folder / f"d07_text_station_5min_2025_10_{day + 1:02d}.txt.gz" for day in range(days)]
    for day, path in enumerate(paths):
        table = table_of(day, sensors)
        lane = {"samples": 10, "flow": table["flow"] // 4, "occupancy": table["occupancy"], "speed": table["speed"]}
        head = {"time": table["time"].dt.strftime("%m/%d/%Y %H:%M:%S"), "station": table["sensor"]}
        head |= {"district": 7, "freeway": 5, "direction": "N", "type": "ML", "length": 0.5, "samples": 40}
        head |= {"observed": 100, "flow": table["flow"], "occupancy": table["occupancy"], "speed": table["speed"]}
        lanes = {f"{k}_{name}": cells for k in range(LANES) for name, cells in {**lane, "observed": 1}.items()}
        pd.DataFrame(head | lanes).to_csv(path, index=False, header=False)
    return paths


def main() -> None:
    """Measure and record."""
    rows: list[dict[str, str | float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long, pems = write_long(folder, max(DAYS)), write_pems(folder, max(DAYS))
        for days in DAYS:
            one = write_one(folder, long[:days])
            for what, form, files in (
                ("store_files", "long CSV, a file a day", long[:days]),
                ("store_files", "long CSV, one file, by sensor", one),
                ("store_files", "PeMS text, a file a day", pems[:days]),
                ("read_pems", "PeMS text, a file a day", pems[:days]),
                ("read_series", "long CSV, one file, by sensor", one),
            ):
                seconds, peak = measured(what, folder / f"store_{len(rows)}", files)
                lines = days * PER_DAY * SENSORS
                rows.append({"what": what, "of": form, "days": days, "rows": lines, "s": seconds, "peak_mb": peak})
    record("reading", rows)


if __name__ == "__main__":
    main()
