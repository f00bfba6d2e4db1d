"""Series from files: the ending tells the form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from stgraph.errors import DataError
from stgraph.series.archive import read_npz
from stgraph.series.csv_table import read_table
from stgraph.series.duplicates import Duplicates
from stgraph.series.hdf import HDF_ENDINGS, read_hdf_table
from stgraph.series.long import from_long, with_times
from stgraph.series.options import names_of, refuse_options
from stgraph.series.pems import holds_pems, read_pems
from stgraph.series.pems_rows import CHANNELS
from stgraph.series.resample import resample as resampled
from stgraph.series.resampling import Resampling
from stgraph.series.roles import Layout, layout_of
from stgraph.series.store import is_store, open_series
from stgraph.series.times import StepLike, TimeLike, Where
from stgraph.series.traffic_series import TrafficSeries
from stgraph.series.wide import from_wide, holds_times

TEXT_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")


def read_series(
    path: str | Path,
    *,
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
) -> TrafficSeries:
    """Return the series in a file (text, plain or ``.gz``, Parquet, HDF5 or ``.npz``), in a store, or of PeMS.

    A table is wide (one column a sensor) or long (one row a time and sensor). Text is UTF-8; its cells are cut at
    commas, semicolons, tabs or bars, whichever fits; sensor ids are text, as they stand in the file. What was settled
    on the way (rows that repeat, columns left out, steps with too few records) stands in the `notes` of the series.

    Args:
        path: the file; of ``.npz`` see `read_npz`, of ``.h5`` (also ``.hdf5``, ``.hdf``) `stgraph.series.hdf`. Or a
            store, see `open_series`; or a 5-minute station file of PeMS or a folder of them, of which all stations of
            the mainline are read, see `read_pems`.
        columns: what the columns of a table hold, where they have no usual name, for example
            ``{"time": "MESSZEIT", "sensor": "DETEKTOR", "speed": "v_kfz"}``.
        channel: what is measured, one name or several; None = what the file says, else ``speed``.
        unit: one unit a channel; None = what the file says, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where the file has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        duplicates: what counts where rows of one time and sensor differ, and the rows of a wide table may then stand in
            any order, as those of a long one always may; None = both are errors.
        resample: length of the steps that times at any distance are brought to, or `Resampling`; None = times must be
            regular.
        header: whether the first row of a text file names the columns; if not, sensors are numbered from 0.
        key: of the table in an HDF5 file, where it holds several.

    Raises:
        DataError: another ending, or a file that is not what it claims to be; names the place in the file.
    """
    source, channels, units = Path(path), names_of(channel), names_of(unit)
    how = resample if isinstance(resample, Resampling) or resample is None else Resampling(resample)
    if source.suffix not in HDF_ENDINGS:
        refuse_options(source, key=key)
    counted = {"unit": unit, "missing": missing, "start": start, "interval": interval}
    if is_store(source):
        refuse_options(source, columns=columns, channel=channel, timezone=timezone, duplicates=duplicates, **counted)
        series = open_series(source)
    elif holds_pems(source):
        refuse_options(source, columns=columns, **counted)
        series = read_pems(source, channels=channels or tuple(CHANNELS), timezone=timezone, duplicates=duplicates)
    elif source.suffix == ".npz":
        refuse_options(source, columns=columns, duplicates=duplicates)
        series = read_npz(
            source, channel=channel, unit=unit, missing=missing, start=start, interval=interval, timezone=timezone
        )
    else:
        table, layout, where = _table(source, header=header, channels=channels, columns=columns or {}, key=key)
        read = partial(_from_table, table, layout, where, channels=channels, units=units, start=start)
        return read(missing=missing, interval=interval, timezone=timezone, duplicates=duplicates, resample=how)
    return series if how is None else resampled(series, how)


def _from_table(
    table: pd.DataFrame,
    layout: Layout,
    where: Where,
    *,
    channels: tuple[str, ...],
    units: tuple[str, ...],
    missing: Sequence[float],
    start: TimeLike | None,
    interval: StepLike | None,
    timezone: str | None,
    duplicates: Duplicates | None,
    resample: Resampling | None,
) -> TrafficSeries:
    """Return the series of a table, wide or long."""
    if layout.sensor is None:
        if len(channels) > 1 or len(units) > 1:
            message = f"{where(0)}: expected one channel and unit for a wide table, found {channels} and {units}"
            raise DataError(message)
        named = {"time": layout.time} if layout.time is not None and layout.time in table.columns else None
        what, per = next(iter(channels), "speed"), next(iter(units), "")
        read = partial(from_wide, table, columns=named, channel=what, unit=per, start=start)
    else:
        if start is not None:
            message = f"{where(0)}: has a time of its own; leave out start (--start)"
            raise DataError(message)
        read = partial(from_long, table, columns=layout.columns, channels=channels or None, units=units or None)
    series = read(
        missing=missing, interval=interval, timezone=timezone, duplicates=duplicates, resample=resample, where=where
    )
    return replace(series, notes=(*layout.notes, *series.notes), checked=True)


def _table(
    source: Path, *, header: bool, channels: tuple[str, ...], columns: Mapping[str, str], key: str | None
) -> tuple[pd.DataFrame, Layout, Where]:
    """Return the table in a file, which column holds what, and what spells the place of each row."""
    if source.name.endswith(TEXT_ENDINGS):
        return read_table(source, header=header, channels=channels, columns=columns)
    if source.suffix not in {".parquet", *HDF_ENDINGS}:
        endings = ", ".join((*TEXT_ENDINGS, *HDF_ENDINGS))
        message = f"{source}: expected a name ending in {endings}, .parquet or .npz, or a store"
        raise DataError(message)
    found = _read_parquet(source) if source.suffix == ".parquet" else read_hdf_table(source, key)
    table = with_times(found, columns)
    timed = table.shape[1] > 0 and holds_times(table.iloc[:, 0])
    layout = layout_of([str(name) for name in table.columns], columns, channels, str(source), timed=timed)
    return table, layout, lambda k: f"{source}, row {k}"


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        with path.open("rb") as file:
            return pd.read_parquet(file)
    except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:  # as Arrow's errors derive from
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        message = f"{path}: cannot be read as Parquet ({reason})"
        raise DataError(message) from error
