"""Files of any form into a store; long ones, of any length, in the memory of a few rows."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.files import check_vacant, written_folder
from stgraph.series.axes import Axes
from stgraph.series.bar import Bar
from stgraph.series.duplicates import Duplicates
from stgraph.series.fill import KINDS, fill
from stgraph.series.find import Paths, find_files
from stgraph.series.join import axes_of, series_of, spooled
from stgraph.series.options import names_of, refuse_options
from stgraph.series.pems import STATION_FILE
from stgraph.series.pems_batches import is_pems
from stgraph.series.pems_rows import CHANNELS, INTERVAL, StationChoice, pems_rows
from stgraph.series.readers import TEXT_ENDINGS, read_series
from stgraph.series.resampling import Resampling
from stgraph.series.rows import Rows, is_long_file, long_rows
from stgraph.series.spool import Spool
from stgraph.series.store import open_series, seal, write_store
from stgraph.series.times import StepLike, TimeLike
from stgraph.series.traffic_series import TrafficSeries


def store_files(
    paths: Paths,
    folder: str | Path,
    *,
    stations: StationChoice | None = None,
    columns: Mapping[str, str] | None = None,
    channel: str | Sequence[str] | None = None,
    unit: str | Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    duplicates: Duplicates | None = None,
    resample: StepLike | Resampling | None = None,
    header: bool = True,
    key: str | None = None,
    country: str | None = None,
    progress: bool = False,
) -> TrafficSeries:
    """Make a store of files, whole or not at all, and return the series in it.

    Text in long form (a row for each time and sensor) and station files of PeMS may be several, a file a day, say: all
    go on one clock, and are read some rows at a time, in any order. Any other file, and one that is resampled, is read
    as a whole, and is alone. Either way the series is the one that `read_series` reads.

    Args:
        paths: a file, a folder of PeMS, a pattern such as ``"speed_2025_*.csv"``, or a list of them.
        folder: of the store, which is not there yet.
        stations: which stations of PeMS, and what counts as observed; None = all of the mainline.
        columns: see `read_series`, as for all below.
        channel: what is measured, one name or several; None = what the files say, else ``speed``.
        unit: one unit a channel; None = what the files say, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where there are any.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        duplicates: what counts where rows of one time and sensor differ; None = that is an error.
        resample: length of the steps that times at any distance are brought to, or `Resampling`; of a single file. A
            store is resampled where it is read.
        header: whether the first row of a text file names the columns.
        key: of the table in an HDF5 file, where it holds several.
        country: ISO 3166 code whose public holidays the calendar marks.
        progress: draw a bar, where standard error is a terminal.

    Raises:
        DataError: the folder is there already or cannot be written; a file that is not what it claims to be; several
            that are not all in long form, or not all of PeMS; rows of one time and sensor that differ.
        UnknownNameError: a channel that PeMS does not have.
    """
    check_vacant(folder)
    files, names = find_files(paths, STATION_FILE), names_of(channel)
    of_pems = [is_pems(file) for file in files]
    if stations is not None and not all(of_pems):
        message = f"{files[0]}: expected 5-minute station files of PeMS alone, of which stations can be chosen"
        raise DataError(message)
    if resample is not None and (any(of_pems) or len(files) > 1):
        message = f"{files[0]}: PeMS, and several files, are stored in the steps that they have; leave out resample "
        message += "(--resample) here, and give it where the store is read"
        raise DataError(message)
    if all(of_pems):
        refuse_options(files[0], columns=columns, unit=unit, missing=missing, start=start, interval=interval, key=key)
        pieces, interval = pems_rows(files, stations or StationChoice(), names or tuple(CHANNELS)), INTERVAL
    elif header and resample is None and not any(of_pems) and _are_long(files, names, columns or {}):
        refuse_options(files[0], start=start, key=key)
        rows_of = partial(long_rows, channels=names, columns=columns or {}, missing=missing)
        pieces = chain.from_iterable(map(rows_of, files))
    elif len(files) == 1:
        how: dict[str, Any] = {"columns": columns, "channel": channel, "unit": unit, "missing": missing, "start": start}
        how |= {"interval": interval, "timezone": timezone, "duplicates": duplicates, "resample": resample}
        series = read_series(files[0], header=header, key=key, **how)
        return open_series(write_store(series.with_country(country or series.country), folder, sources=files))
    else:
        message = f"{files[0]}: expected one file, or several that are all text in long form or all of PeMS"
        raise DataError(message)
    with written_folder(folder) as temporary, Bar(len(files), shown=progress) as bar:
        told = partial(axes_of, timezone=timezone, interval=interval, channels=names, units=names_of(unit))
        series = _streamed(bar.reading(pieces), told, duplicates, temporary, bar)
        seal(temporary, series.with_country(country), files)
    return open_series(folder)


def _are_long(files: Sequence[Path], channels: Sequence[str], columns: Mapping[str, str]) -> bool:
    texts = [file for file in files if file.name.endswith(TEXT_ENDINGS)]
    return len(texts) == len(files) and all(is_long_file(file, channels=channels, columns=columns) for file in texts)


def _streamed(
    pieces: Iterable[Rows], axes_of: Callable[[Spool], Axes], rule: Duplicates | None, folder: Path, bar: Bar
) -> TrafficSeries:
    """Return the series of rows, whose arrays are in files of a folder and never in memory as a whole."""

    def array(name: str) -> NDArray[Any]:
        path = folder / f"{name}.npy"
        if not path.exists():
            _make_room(path, KINDS[name], axes.shape)
        mapped: NDArray[Any] = np.load(path, mmap_mode="r+")
        return mapped

    with (folder / "rows.tmp").open("w+b") as file:
        spool = spooled(pieces, file)
        axes = axes_of(spool)
        notes = fill(spool, axes, array, bar, rule)
    for name in ("rows.tmp", "sums.npy", "counts.npy"):
        (folder / name).unlink(missing_ok=True)
    values, observed = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("values", "observed"))
    return series_of(axes, values, observed, (*spool.notes, *notes))


def _make_room(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> None:
    """Make an array of zeros in a file, and take its room now: a disk that is full later kills who writes to a map."""
    np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
