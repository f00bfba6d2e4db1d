"""The rows of chosen stations in files of PeMS, as rows of any long file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.pems_batches import LANE_TYPES, batches, is_pems
from stgraph.series.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

CHANNELS = {"speed": ("AvgSpeed", "mph"), "flow": ("TotalFlow", "veh/5 min"), "occupancy": ("AvgOccupancy", "fraction")}
"""Column and unit of each channel."""
INTERVAL = "5min"
WHICH = ("Freeway", "Direction", "LaneType")
EXAMPLE = "d07_text_station_5min_2025_10_08.txt.gz"


@dataclass(frozen=True)
class StationChoice:
    """Which stations of PeMS are read, and what of them counts as observed.

    Args:
        freeway: its number; None = all.
        direction: of travel, ``"N"``, ``"S"``, ``"E"`` or ``"W"``; None = all.
        kind: lane type: ``"ML"`` mainline, ``"HV"`` high occupancy, ``"OR"`` on ramp, ``"FR"`` off ramp, ``"FF"``
            connector, ``"CD"`` collector, ``"CH"`` conventional highway.
        observed_at_least: percentage of the lanes that was measured; where less was, PeMS has imputed the row, and it
            is unobserved.

    Raises:
        UnknownNameError: another direction or lane type.

    >>> print(StationChoice(freeway=5, direction="N"))
    ML stations, freeway 5, direction N
    """

    freeway: int | None = None
    direction: str | None = None
    kind: str = "ML"
    observed_at_least: float = 50.0

    def __post_init__(self) -> None:
        """Check the names."""
        if self.direction is not None and self.direction not in set("NSEW"):
            raise UnknownNameError.of("direction", self.direction, "NSEW")
        if self.kind not in LANE_TYPES:
            raise UnknownNameError.of("lane type", self.kind, LANE_TYPES)

    def __str__(self) -> str:
        """Say which stations."""
        freeway = "" if self.freeway is None else f", freeway {self.freeway}"
        return f"{self.kind} stations{freeway}" + ("" if self.direction is None else f", direction {self.direction}")

    def chosen(self, batch: "pa.RecordBatch") -> NDArray[np.bool_]:
        """Return (R,) which rows are of the chosen stations."""
        kept = np.ones(len(batch), dtype=bool)
        for name, wanted in zip(WHICH, (self.freeway, self.direction, self.kind), strict=True):
            if wanted is not None:
                kept &= batch.column(name).to_numpy(zero_copy_only=False) == wanted
        return kept


def pems_rows(
    files: Sequence[Path], choice: StationChoice, channels: Sequence[str] = tuple(CHANNELS)
) -> Iterator[Rows]:
    """Yield the rows of the chosen stations, file by file, some at a time; NaN where PeMS has imputed.

    Raises:
        DataError: a file that is no station file, or a cell that is not what its column holds; names the line. None of
            the chosen stations in any file; says which there are.
        UnknownNameError: another channel than speed, flow and occupancy.
    """
    for name in channels:
        if name not in CHANNELS:
            raise UnknownNameError.of("channel of PeMS", name, CHANNELS)
    there: dict[str, set[object]] = {name: set() for name in WHICH}
    found = False
    for path in files:
        if not is_pems(path):
            message = f"{path}: expected a 5-minute station file of PeMS, such as {EXAMPLE}"
            raise DataError(message)
        word, line = ("row", 0) if path.suffix == ".parquet" else ("line", 1)
        for batch in batches(path):
            for name, values in there.items():
                values.update(batch.column(name).unique().to_pylist())
            kept = np.flatnonzero(choice.chosen(batch))
            if len(kept):
                found = True
                yield _rows(batch.take(kept), line + kept, f"{path}, {word}", choice.observed_at_least, channels)
            line += len(batch)
    if not found:
        listed = ", ".join(f"{name} {'/'.join(sorted(map(str, values)))}" for name, values in there.items())
        message = f"{files[0]}: expected {choice}; the files ({len(files)}) have {listed}"
        raise DataError(message)


def _rows(
    batch: "pa.RecordBatch", lines: NDArray[np.int64], source: str, observed_at_least: float, channels: Sequence[str]
) -> Rows:
    columns = [CHANNELS[name][0] for name in channels]
    cells = [batch.column(name).to_numpy(zero_copy_only=False) for name in columns]
    values = np.stack(cells, axis=1).astype(np.float32)
    share = batch.column("PctObserved").to_numpy(zero_copy_only=False)
    values[~(share >= observed_at_least)] = np.nan
    if np.isinf(values).any():
        k, c = (int(i) for i in np.argwhere(np.isinf(values))[0])
        message = f"{source} {lines[k]}, column {columns[c]!r}: expected a finite number, found infinity"
        raise DataError(message)
    return Rows(
        times=_times(batch, lines, source),
        sensors=_labels(batch, "Station", lines, source),
        values=values,
        columns=tuple(channels),
        lines=lines,
        source=source,
        units=frozenset((name, CHANNELS[name][1]) for name in channels),
    )


def _times(batch: "pa.RecordBatch", lines: NDArray[np.int64], source: str) -> pd.Categorical:
    texts = _labels(batch, "Timestamp", lines, source)
    if pd.api.types.is_datetime64_any_dtype(texts.categories):
        return texts
    stamps = pd.to_datetime(texts.categories, format="%m/%d/%Y %H:%M:%S", errors="coerce")
    if stamps.hasnans:
        k = int(stamps.isna()[texts.codes].argmax())
        message = f"{source} {lines[k]}, column 'Timestamp': expected a time such as 10/08/2025 00:05:00, found "
        raise DataError(message + repr(texts[k]))
    return pd.Categorical(stamps.take(texts.codes))


def _labels(batch: "pa.RecordBatch", name: str, lines: NDArray[np.int64], source: str) -> pd.Categorical:
    """Return a column as categories: a time or a station that stands in many rows is kept once."""
    labels = pd.Categorical(batch.column(name).dictionary_encode().to_pandas())
    empty = labels.isna() | (labels == "")
    if empty.any():
        message = f"{source} {lines[int(empty.argmax())]}, column {name!r}: expected a value, found an empty cell"
        raise DataError(message)
    return labels
