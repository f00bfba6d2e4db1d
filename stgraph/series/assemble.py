"""The steps that every reader shares: cells to numbers, records to a checked series."""

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.duplicates import Duplicates
from stgraph.series.records import Records
from stgraph.series.resample import on_grid
from stgraph.series.resampling import Resampling
from stgraph.series.times import StepLike, Where, checked_interval, to_step
from stgraph.series.traffic_series import NO_INTERVAL, TrafficSeries


def table_row(k: int) -> str:
    """Spell the place of row `k` of a table, for errors."""
    return f"table, row {k}"


def numbers(frame: pd.DataFrame, where: Where) -> NDArray[np.float32]:
    """Return the cells of a table as numbers, NaN where empty.

    Raises:
        DataError: names the row, the column and the cell that is no number.
    """
    values = np.empty(frame.shape, dtype=np.float32)
    for n, (name, cells) in enumerate(frame.items()):
        if cells.dtype.kind not in "biufO":
            found = "times; only the first column may hold them" if cells.dtype.kind == "M" else cells.dtype
            message = f"{where(0)}, column {name!r}: expected numbers, found {found}"
            raise DataError(message)
        column = pd.to_numeric(cells, errors="coerce")
        bad = (column.isna() & cells.notna()).to_numpy(bool)
        if bad.any():
            k = int(bad.argmax())
            message = f"{where(k)}, column {name!r}: expected a number or an empty cell, found {cells.iloc[k]!r}"
            raise DataError(message)
        with np.errstate(over="ignore"):
            values[:, n] = column.to_numpy(np.float64, na_value=np.nan)
        if np.isinf(values[:, n]).any():
            k = int(np.isinf(values[:, n]).argmax())
            message = f"{where(k)}, column {name!r}: expected a finite number, found {cells.iloc[k]}"
            raise DataError(message)
    return values


def assemble(
    records: Records,
    *,
    interval: StepLike | None,
    duplicates: Duplicates | None = None,
    resample: Resampling | None = None,
) -> TrafficSeries:
    """Return the series of records.

    Args:
        records: as the source has them.
        interval: the source's step; found from the times where None.
        duplicates: what counts where records about the same differ, and those about all sensors may then come in any
            order; None = both are errors.
        resample: the steps that records at any times are brought to; None = times must be regular.

    Raises:
        DataError: a repeated sensor, records that contradict each other, times that are not regular; names the row.
    """
    repeated = [name for name, count in Counter(records.sensors).items() if count > 1]
    if repeated:
        message = f"{records.where(0)}: every sensor id must be unique, found {repeated[:5]} more than once"
        raise DataError(message)
    records = records.without_duplicates(duplicates)
    records = records if duplicates is None else records.in_order()
    records = records.dense() if resample is None else on_grid(records, resample, interval)
    length = interval if resample is None else resample.interval
    step = checked_interval(records.times, NO_INTERVAL if length is None else to_step(length), records.where)
    return TrafficSeries(
        values=records.cells,
        observed=records.rule.observed(records.cells),
        times=records.times,
        sensors=records.sensors,
        channels=records.channels,
        units=records.units,
        interval=step,
        timezone=records.timezone,
        notes=records.notes,
    )
