"""Series from files: the ending tells the form."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from stgraph.errors import DataError
from stgraph.series.archive import names_of, read_npz
from stgraph.series.csv_table import read_table
from stgraph.series.long import from_long, is_long
from stgraph.series.pems import holds_pems, read_pems
from stgraph.series.pems_rows import CHANNELS
from stgraph.series.store import is_store, open_series
from stgraph.series.times import StepLike, TimeLike, Where
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
) -> TrafficSeries:
    """Return the series in a file: text (``.csv``, ``.tsv``, ``.txt``, also ``.gz``), ``.parquet`` or ``.npz``.

    Also that of a store, see `open_series`, and that of a 5-minute station file of PeMS or a folder of them, see
    `read_pems`: of the mainline, of all freeways.

    Args:
        path: the file or folder; see `read_csv` and `read_npz`.
        channel: what is measured, one name or several; None = what the file says, else ``speed``.
        unit: one unit a channel; None = what the file says, else unknown.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows; found from the times where the file has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        header: whether the first row of a text file names the columns.

    Raises:
        DataError: another ending, or a file that is not what it claims to be; names the place in the file.
    """
    source = Path(path)
    if is_store(source) or holds_pems(source):
        given = {"unit": unit, "missing": missing or None, "start": start, "interval": interval}
        return _from_pems_or_store(source, channel, timezone, given)
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
        message = f"{source}: expected a name ending in {', '.join(TEXT_ENDINGS)}, .parquet or .npz, or a store"
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
    )


def _from_pems_or_store(
    path: Path, channel: str | Sequence[str] | None, timezone: str | None, given: Mapping[str, object]
) -> TrafficSeries:
    if is_store(path):
        refuse_options(path, channel=channel, timezone=timezone, **given)
        return open_series(path)
    refuse_options(path, **given)
    return read_pems(path, channels=names_of(channel) or tuple(CHANNELS), timezone=timezone)


def refuse_options(path: Path, **given: object) -> None:
    """Refuse options of reading that a file answers itself.

    Raises:
        DataError: one of them is given.
    """
    needless = [name for name, value in given.items() if value is not None]
    if needless:
        message = f"{path}: says its channels, units, times and holes itself; leave out {needless}"
        raise DataError(message)


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
    )
