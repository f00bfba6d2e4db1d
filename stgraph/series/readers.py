"""Series from files: the ending tells the form."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stgraph.errors import DataError
from stgraph.series.archive import names_of, read_npz
from stgraph.series.csv_table import read_table
from stgraph.series.long import from_long, is_long
from stgraph.series.times import StepLike, Tell, TimeLike, Where
from stgraph.series.traffic_series import TrafficSeries
from stgraph.series.wide import from_wide

TEXT_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")


def read_series(
    path: str | Path,
    *,
    channel: str | Sequence[str] | None = None,
    unit: str | Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    header: bool = True,
    tell: Tell | None = None,
) -> TrafficSeries:
    """Return the series in a file: text (``.csv``, ``.tsv``, ``.txt``, also ``.gz``), ``.parquet`` or ``.npz``.

    Args:
        path: the file; see `read_csv` and `read_npz`.
        channel: what is measured, one name or several; None = what the file says, else ``speed``.
        unit: one unit a channel; None = what the file says, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where the file has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        header: whether the first row of a text file names the columns.
        tell: takes a sentence where a table has several rows for one time: the last value measured then counts, and
            rows may stand in any order; None = both are errors.

    Raises:
        DataError: another ending, or a file that is not what it claims to be; names the place in the file.
    """
    source = Path(path)
    if source.name.endswith(TEXT_ENDINGS):
        return read_csv(
            source,
            channel=channel,
            unit=unit,
            missing=missing,
            start=start,
            interval=interval,
            timezone=timezone,
            header=header,
            tell=tell,
        )
    if source.suffix == ".npz":
        return read_npz(
            source,
            channel=channel,
            unit=unit,
            missing=missing,
            start=start,
            interval=interval,
            timezone=timezone,
        )
    if source.suffix != ".parquet":
        message = f"{source}: expected a name ending in {', '.join(TEXT_ENDINGS)}, .parquet or .npz"
        raise DataError(message)
    return _from_table(
        _read_parquet(source),
        lambda k: f"{source}, row {k}",
        channels=names_of(channel),
        units=names_of(unit),
        missing=missing,
        start=start,
        interval=interval,
        timezone=timezone,
        tell=tell,
    )


def read_csv(
    path: str | Path,
    *,
    channel: str | Sequence[str] | None = None,
    unit: str | Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    header: bool = True,
    tell: Tell | None = None,
) -> TrafficSeries:
    """Return the series in a text file, wide (one column a sensor) or long (one row a time and sensor).

    Cells are cut at commas, semicolons, tabs or bars, whichever fits. Sensor ids are text, as they stand in the header.

    Args:
        path: the file, UTF-8, plain or gzip.
        channel: what is measured; of a long table the columns to take. None = ``speed``, or all columns.
        unit: one unit a channel; None = what a column ``unit`` says, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where the file has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        header: whether the first row names the columns; if not, sensors are numbered from 0.
        tell: takes a sentence where several rows are of one time: the last value measured then counts, and rows may
            stand in any order; None = both are errors.

    Raises:
        DataError: names the file, the line, the column, what was expected and what was found.
    """
    source, channels = Path(path), names_of(channel)
    table, where = read_table(source, header=header, channels=channels)
    return _from_table(
        table,
        where,
        channels=channels,
        units=names_of(unit),
        missing=missing,
        start=start,
        interval=interval,
        timezone=timezone,
        tell=tell,
    )


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        with path.open("rb") as file:
            return pd.read_parquet(file)
    except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:  # as Arrow's errors derive from
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        message = f"{path}: cannot be read as Parquet ({reason})"
        raise DataError(message) from error


def _from_table(
    table: pd.DataFrame,
    where: Where,
    *,
    channels: tuple[str, ...],
    units: tuple[str, ...],
    missing: Sequence[float],
    start: TimeLike | None,
    interval: StepLike | None,
    timezone: str | None,
    tell: Tell | None,
) -> TrafficSeries:
    if is_long([str(name) for name in table.columns]):
        if start is not None:
            message = f"{where(0)}: has a time of its own; leave out start (--start)"
            raise DataError(message)
        return from_long(
            table,
            channels=channels or None,
            units=units or None,
            missing=missing,
            interval=interval,
            timezone=timezone,
            where=where,
            tell=tell,
        )
    if len(channels) > 1 or len(units) > 1:
        message = f"{where(0)}: expected one channel and unit for a wide table, found {channels} and {units}"
        raise DataError(message)
    return from_wide(
        table,
        channel=next(iter(channels), "speed"),
        unit=next(iter(units), ""),
        missing=missing,
        start=start,
        interval=interval,
        timezone=timezone,
        where=where,
        tell=tell,
    )
