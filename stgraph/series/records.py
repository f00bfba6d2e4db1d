"""`Records`: what the rows of a source say, before it is known whether they make a series."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series.duplicates import Duplicates, known_rule, merged, within
from stgraph.series.observed import ObservedRule
from stgraph.series.times import Times, Where, local_time

Codes = NDArray[np.intp]
NO_MARKS = ObservedRule()


@dataclass(frozen=True, eq=False)
class Records:
    """Values with the time of each row, in any order; a row is about all sensors, or about one.

    Args:
        times: (R,) naive local times, or UTC where `timezone` is given.
        cells: (R, N, C), or (R, 1, C) where a row is about one sensor.
        sensors: N ids.
        channels: C names.
        units: C units.
        timezone: IANA name if `times` are UTC, else None.
        where: spells the place of a row for errors.
        rule: which cells are holes.
        owners: (R,) number of the sensor that each row is about; None = every row is about all.
        columns: names of the columns of the cells, for errors.
        notes: what was settled so far, a sentence each.
    """

    times: Times
    cells: NDArray[np.float32]
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    timezone: str | None
    where: Where
    rule: ObservedRule = NO_MARKS
    owners: Codes | None = None
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def measured(self) -> NDArray[np.float32]:
        """The cells, with NaN in holes."""
        return self.rule.with_holes(self.cells)

    def without_duplicates(self, rule: Duplicates | None) -> "Records":
        """Return one row for each time, or each time and sensor, in the order of their first.

        Raises:
            DataError: two rows about the same with different values, and no rule; names both.
            UnknownNameError: another rule.
        """
        known_rule(rule)
        keys = pd.factorize(self.times)[0]
        if self.owners is not None:
            keys = keys * len(self.sensors) + self.owners
        if len(np.unique(keys)) == len(keys):
            return self
        flat = self.measured.reshape(len(keys), -1)
        rows, settled, notes = merged(
            keys,
            flat,
            rule,
            columns=self.columns,
            shared=self._spell,
            where=self.where,
            zoned=self.timezone is not None,
        )
        where, owners = self.where, self.owners
        cells = np.where(np.isnan(settled), self.cells.reshape(len(keys), -1)[rows], settled)
        return replace(
            self,
            times=self.times[rows],
            cells=cells.reshape(-1, *self.cells.shape[1:]),
            owners=None if owners is None else owners[rows],
            where=lambda k: where(int(rows[k])),
            notes=self.notes + notes,
        )

    def dense(self) -> "Records":
        """Return one row a time, about all sensors: sorted where rows were about one, else as they were."""
        if self.owners is None:
            return self
        times, first, t = np.unique(self.times, return_index=True, return_inverse=True)
        cells = np.full((len(times), len(self.sensors), len(self.channels)), np.nan, dtype=np.float32)
        cells[t, self.owners] = self.cells[:, 0]
        where = self.where
        return replace(self, times=times, cells=cells, owners=None, where=lambda k: where(int(first[k])))

    def in_order(self) -> "Records":
        """Return rows about all sensors by rising time, and say so where they fell; the order of others means nothing.

        A time that falls may be a wrong one, so this is for sources of which that is known not to be.
        """
        falls = np.flatnonzero(np.diff(self.times) < np.timedelta64(0))
        if self.owners is not None or not len(falls):
            return self
        order, where, k = np.argsort(self.times, kind="stable"), self.where, int(falls[0]) + 1
        note = f"{within(where(k))}: {self._spell(k)} is earlier than the row before: rows were sorted by time"
        return replace(
            self,
            times=self.times[order],
            cells=self.cells[order],
            where=lambda k: where(int(order[k])),
            notes=(*self.notes, note),
        )

    def _spell(self, k: int) -> str:
        """Spell what row k is about, as its source does."""
        local = local_time(self.times[k], self.timezone)
        return f"{local}" if self.owners is None else f"{local} of sensor {self.sensors[self.owners[k]]}"
