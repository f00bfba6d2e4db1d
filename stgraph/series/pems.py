"""Series from the 5-minute station files of the Caltrans Performance Measurement System (PeMS)."""

from collections.abc import Sequence
from pathlib import Path

from stgraph.series.duplicates import Duplicates
from stgraph.series.find import Paths, find_files
from stgraph.series.join import joined
from stgraph.series.pems_batches import is_pems
from stgraph.series.pems_rows import CHANNELS, INTERVAL, StationChoice, pems_rows
from stgraph.series.traffic_series import TrafficSeries

STATION_FILE = "_text_station_5min_"
"""Part of the name of each station file."""


def read_pems(
    paths: Paths,
    *,
    freeway: int | None = None,
    direction: str | None = None,
    kind: str = "ML",
    observed_at_least: float = 50,
    channels: Sequence[str] = tuple(CHANNELS),
    timezone: str | None = None,
    duplicates: Duplicates | None = None,
    progress: bool = False,
) -> TrafficSeries:
    """Return the series of the chosen stations in 5-minute station files of PeMS, all of them on one clock.

    The form is that of `stgraph.series.pems_batches`: clearinghouse text, plain or gzip, or the same as Parquet. Times
    are local, the beginning of each 5 minutes; the hour that daylight saving skips is a gap. PeMS imputes what was
    not measured and says so: those values are unobserved. Sensors are sorted by id.

    Args:
        paths: a file, a folder, a pattern such as ``"pems/d07_*_2025_10_*.txt.gz"``, or a list of them.
        freeway: its number; None = all.
        direction: of travel, N, S, E or W; None = all.
        kind: lane type: ML mainline, HV high occupancy, OR on ramp, FR off ramp, FF connector, CD, CH.
        observed_at_least: percentage of the lanes that was measured, below which a row is unobserved.
        channels: of speed [mph], flow [veh/5 min] and occupancy [fraction].
        timezone: ``"America/Los_Angeles"`` to keep the times as UTC; None = local.
        duplicates: what counts where rows of one time and station differ; None = that is an error.
        progress: draw a bar, where standard error is a terminal.

    Raises:
        DataError: no file, or one that is not what it claims to be; names the line. Rows of one time and station that
            differ. None of the chosen stations.
        UnknownNameError: another direction, lane type or channel.
    """
    choice = StationChoice(freeway, direction, kind, observed_at_least)
    files = find_files(paths, STATION_FILE)
    rows = pems_rows(files, choice, channels)
    return joined(
        rows, interval=INTERVAL, timezone=timezone, files=len(files), progress=progress, duplicates=duplicates
    )


def holds_pems(path: Path) -> bool:
    """Return whether a path is a station file of PeMS, by its content, or a folder of them, by their names."""
    return any(STATION_FILE in file.name for file in path.iterdir()) if path.is_dir() else is_pems(path)
