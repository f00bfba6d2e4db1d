"""Files of any form into a store; long ones, of any length, in the memory of a few rows."""

import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from stgraph.errors import DataError
from stgraph.files import check_vacant, written_folder
from stgraph.series.archive import names_of
from stgraph.series.bar import Bar
from stgraph.series.find import Paths, find_files
from stgraph.series.join import Axes, axes_of, fill, series_of, spooled
from stgraph.series.pems import STATION_FILE
from stgraph.series.pems_batches import is_pems
from stgraph.series.pems_rows import CHANNELS, INTERVAL, StationChoice, pems_rows
from stgraph.series.readers import TEXT_ENDINGS, read_series, refuse_options
from stgraph.series.rows import is_long_file, long_rows
from stgraph.series.spool import Spool
from stgraph.series.store import open_series, seal, write_store
from stgraph.series.times import StepLike, TimeLike
from stgraph.series.traffic_series import TrafficSeries


def store_files(
    paths: Paths,
    folder: str | Path,
    *,
    stations: StationChoice | None = None,
    channel: str | Sequence[str] | None = None,
    unit: str | Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    header: bool = True,
    country: str | None = None,
    progress: bool = False,
) -> TrafficSeries:
    """Make a store of files, whole or not at all, and return the series in it.

    Text in long form (a row for each time and sensor) and station files of PeMS may be several, a file a day, say: all
    go on one clock, and are read some rows at a time, in any order. Any other file is read as a whole, and is alone.

    Args:
        paths: a file, a folder of PeMS, a pattern such as ``"speed_2025_*.csv"``, or a list of them.
        folder: of the store, which is not there yet.
        stations: which stations of PeMS, and what counts as observed; None = all of the mainline.
        channel: see `read_series`, as for all below.
        unit: one unit a channel; None = what the files say, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where there are any.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        header: whether the first row of a text file names the columns.
        country: ISO 3166 code whose public holidays the calendar marks.
        progress: draw a bar, where standard error is a terminal.

    Raises:
        DataError: the folder is there already or cannot be written; a file that is not what it claims to be; several
            that are not all in long form, or not all of PeMS; two rows for one time and sensor.
        UnknownNameError: a channel that PeMS does not have.
    """
    check_vacant(folder)
    files, names = find_files(paths, STATION_FILE), names_of(channel)
    if all(is_pems(file) for file in files):
        refuse_options(files[0], unit=unit, missing=missing or None, start=start, interval=interval)
        pieces = pems_rows(files, stations or StationChoice(), names or tuple(CHANNELS))
        interval = INTERVAL
    elif stations is not None:
        message = f"{files[0]}: expected 5-minute station files of PeMS alone, of which stations can be chosen"
        raise DataError(message)
    elif header and start is None and all(_is_long(file) for file in files):
        pieces = chain.from_iterable(long_rows(file, channels=names, missing=missing) for file in files)
    elif len(files) == 1:
        series = read_series(
            files[0],
            channel=channel,
            unit=unit,
            missing=missing,
            start=start,
            interval=interval,
            timezone=timezone,
            header=header,
        )
        return open_series(write_store(series.with_country(country or series.country), folder, sources=files))
    else:
        message = f"{files[0]}: expected one file, or several that are all text in long form or all of PeMS"
        raise DataError(message)
    with written_folder(folder) as temporary, Bar(len(files), shown=progress) as bar:
        with (temporary / "rows.tmp").open("w+b") as file:
            spool = spooled(bar.reading(pieces), file)
            axes = axes_of(spool, timezone=timezone, interval=interval, channels=names, units=names_of(unit))
            _fill_files(spool, axes, temporary, bar)
        Path(file.name).unlink()
        values, observed = (np.load(path, mmap_mode="r") for path in _paths(temporary))
        seal(temporary, series_of(axes, values, observed).with_country(country), files)
    return open_series(folder)


def _is_long(path: Path) -> bool:
    return path.name.endswith(TEXT_ENDINGS) and is_long_file(path)


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / "values.npy", folder / "observed.npy"


def _fill_files(spool: Spool, axes: Axes, folder: Path, bar: Bar) -> None:
    """Put rows in their places in the files of a folder, which are never in memory as a whole."""
    values, observed = _paths(folder)
    _make_room(values, np.float32, axes.shape)
    _make_room(observed, np.bool_, axes.shape)
    fill(spool, axes, lambda: (np.load(values, mmap_mode="r+"), np.load(observed, mmap_mode="r+")), bar)


def _make_room(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> None:
    """Make an array of zeros in a file, and take its room now: a disk that is full later kills who writes to a map."""
    np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
