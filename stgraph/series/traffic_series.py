"""`TrafficSeries`: the WHEN of traffic, measured values with their times, units and holes."""

import hashlib
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError, ShapeError
from stgraph.series.blocks import blocks
from stgraph.series.mapped import let_go
from stgraph.series.times import Times, checked_interval, known_zone
from stgraph.shapes import check_shape

NO_INTERVAL = np.timedelta64("NaT", "ns")


@dataclass(frozen=True, eq=False)
class TrafficSeries:
    """Values on sensors over time; immutable and checked on construction.

    A gap of whole intervals between two times starts a new segment; any other irregularity is an error.

    Args:
        values: (T, N, C) float32; anything may stand where `observed` is False.
        observed: (T, N, C) bool, True = measured. Zero is a value, not a hole.
        times: (T,) datetime64, rising: local wall-clock time, or UTC where `timezone` is given.
        sensors: N unique ids.
        channels: C names, for example ``("speed", "flow")``.
        units: C units, for example ``("mph", "veh/h")``.
        interval: step between two times; the most common one in `times` where not given.
        covariates: (T, N or 1, K) float32, finite, known beside the signal (rain, for example), or None.
        covariate_names: K names.
        timezone: IANA name if `times` are UTC, else None.
        country: ISO 3166 code whose public holidays the calendar marks, or None.
        notes: what was settled when the source was read, a sentence each; no part of what was measured.
        checked: True = every value was checked before, in a store or in the series that these are a part of, and is
            not read again. An array that is a read-only memory map stays one.

    Raises:
        ShapeError: an array does not fit times, sensors or channels.
        DataError: times that repeat, fall or are irregular; a value that is observed but not finite.
    """

    values: NDArray[np.float32]
    observed: NDArray[np.bool_]
    times: Times
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    interval: np.timedelta64 = NO_INTERVAL
    covariates: NDArray[np.float32] | None = None
    covariate_names: tuple[str, ...] = ()
    timezone: str | None = None
    country: str | None = None
    notes: tuple[str, ...] = ()
    checked: InitVar[bool] = False

    def __post_init__(self, checked: bool) -> None:
        """Check every field; errors name the field, the expected and the found."""
        put = object.__setattr__
        for field in ("sensors", "channels", "units", "covariate_names"):
            put(self, field, tuple(str(x) for x in getattr(self, field)))
        put(self, "values", _plain(self.values, np.float32))
        put(self, "observed", _plain(self.observed, np.bool_))
        put(self, "times", np.asarray(self.times, dtype="datetime64[ns]"))
        if self.covariates is not None:
            put(self, "covariates", _plain(self.covariates, np.float32))
        self._check_shapes()
        put(self, "interval", checked_interval(self.times, self.interval, lambda k: f"times, row {k}"))
        if self.timezone is not None:
            known_zone(self.timezone)
        if not checked:
            self._check_values()

    def _check_values(self) -> None:
        for first, last in blocks(0, len(self), self.values[0].size):
            bad = self.observed[first:last] & ~np.isfinite(self.values[first:last])
            if bad.any():
                t, n, c = (int(i) for i in np.argwhere(bad)[0])
                message = (
                    f"values: {self.channels[c]} of sensor {self.sensors[n]} at {self.times[first + t]} is marked "
                    f"observed but is {self.values[first + t, n, c]}; expected a finite number"
                )
                raise DataError(message)
        if self.covariates is not None and not np.isfinite(self.covariates).all():
            message = "covariates: expected finite numbers everywhere, found NaN or infinity"
            raise DataError(message)

    def _check_shapes(self) -> None:
        if len(set(self.sensors)) < len(self.sensors):
            message = "sensors: every id must be unique"
            raise DataError(message)
        if len(set(self.channels)) < len(self.channels):
            message = f"channels: every name must be unique, found {self.channels}"
            raise DataError(message)
        steps, n, c = len(self.times), len(self.sensors), len(self.channels)
        check_shape(self.times, "T", name="times")
        if not steps or not n or not c:
            message = f"expected at least one time, sensor and channel, found {steps}, {n} and {c}"
            raise ShapeError(message)
        check_shape(self.values, "T N C", name="values", T=steps, N=n, C=c)
        check_shape(self.observed, "T N C", name="observed", T=steps, N=n, C=c)
        if len(self.units) != c:
            message = f"units: expected one for each channel {self.channels}, found {self.units}"
            raise ShapeError(message)
        if self.covariates is not None:
            check_shape(self.covariates, "T N|1 K", name="covariates", T=steps, N=n, K=len(self.covariate_names))

    def __len__(self) -> int:
        """Return the number of time steps."""
        return len(self.times)

    def __repr__(self) -> str:
        """Return one line: size, period and share of observed values."""
        span = f"{_spell(self.times[0])} .. {_spell(self.times[-1])}"
        channels = with_units(self.channels, self.units)
        shape = f"steps={len(self)}, sensors={len(self.sensors)}"
        share = np.count_nonzero(self.observed) / self.observed.size
        let_go(self.observed)
        return f"TrafficSeries({shape}, {channels}, {span}, observed={share:.1%})"

    @cached_property
    def segments(self) -> tuple[tuple[int, int], ...]:
        """Stretches (first, past the last) of steps without a gap between them."""
        cuts = np.flatnonzero(np.diff(self.times) != self.interval) + 1
        bounds = [0, *(int(c) for c in cuts), len(self)]
        return tuple(pairwise(bounds))

    @property
    def steps_per_day(self) -> int:
        """How many intervals a day has, rounded up."""
        return int(-(-np.timedelta64(1, "D") // self.interval))

    @property
    def local_times(self) -> pd.DatetimeIndex:
        """Wall-clock times: `times` themselves, or converted from UTC to `timezone`."""
        index = pd.DatetimeIndex(self.times)
        return index if self.timezone is None else index.tz_localize("UTC").tz_convert(self.timezone)

    def slice(self, start: Any = None, stop: Any = None) -> "TrafficSeries":  # noqa: ANN401 - what pandas.Timestamp takes
        """Return the steps from `start` up to but not including `stop`.

        Args:
            start: a step number, or a time, on the clock of `times` or with its zone; None = from the first.
            stop: likewise; None = to the last.

        Raises:
            ShapeError: no step lies in the range.
            DataError: text that is no time, or a time with a zone where the series has none.
        """
        first, last = self._step(start, 0), self._step(stop, len(self))
        cut = np.s_[first:last]
        covariates = None if self.covariates is None else self.covariates[cut]
        return replace(
            self,
            values=self.values[cut],
            observed=self.observed[cut],
            times=self.times[cut],
            covariates=covariates,
            checked=True,
        )

    def _step(self, where: Any, default: int) -> int:  # noqa: ANN401 - see `slice`
        if where is None:
            return default
        if isinstance(where, int | np.integer):
            return int(where)
        try:
            stamp = pd.Timestamp(where)
        except ValueError as error:
            message = f"slice: expected a step number or a time such as 2012-03-01 00:05, found {where!r}"
            raise DataError(message) from error
        if stamp.tz is not None:
            if self.timezone is None:
                message = f"slice: the series is in local time without a zone, found {where!r} with one"
                raise DataError(message)
            stamp = stamp.tz_convert("UTC").tz_localize(None)
        return int(np.searchsorted(self.times, stamp.to_datetime64()))

    def select(
        self, *, sensors: tuple[str, ...] | None = None, channels: tuple[str, ...] | None = None
    ) -> "TrafficSeries":
        """Return the given sensors and channels, in the given order.

        Raises:
            MismatchError: a sensor or channel that the series does not have.
        """
        n = _places("sensor", self.sensors, sensors)
        c = _places("channel", self.channels, channels)
        if n == list(range(len(self.sensors))) and c == list(range(len(self.channels))):
            return self
        covariates = self.covariates
        if covariates is not None and covariates.shape[1] > 1:
            covariates = covariates[:, n]
        return replace(
            self,
            values=_taken(self.values, n, c),
            observed=_taken(self.observed, n, c),
            sensors=tuple(self.sensors[i] for i in n),
            channels=tuple(self.channels[i] for i in c),
            units=tuple(self.units[i] for i in c),
            covariates=covariates,
            checked=True,
        )

    def with_country(self, country: str | None) -> "TrafficSeries":
        """Return the series with the public holidays of a country, an ISO 3166 code, or with none."""
        return self if country == self.country else replace(self, country=country, checked=True)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a wide table: one row a time, one column a sensor; NaN where unobserved.

        With several channels the columns have two levels, channel and sensor. Times are local.
        """
        values = np.where(self.observed, self.values, np.float32("nan"))
        index = self.local_times.rename("time")
        tables = {
            name: pd.DataFrame(values[:, :, c], index=index, columns=pd.Index(self.sensors, name="sensor"))
            for c, name in enumerate(self.channels)
        }
        if len(tables) == 1:
            return tables[self.channels[0]]
        return pd.concat(tables, axis=1, names=["channel"])

    def digest(self) -> str:
        """Return the SHA-256 of what is measured, when, where and in which units."""
        names = [
            *self.sensors,
            *self.channels,
            *self.units,
            *self.covariate_names,
            str(self.timezone),
            str(self.country),
        ]
        sha = hashlib.sha256("\n".join(names).encode())
        sha.update(self.times.astype("<i8").tobytes())
        parts = list(blocks(0, len(self), self.values[0].size))
        for first, last in parts:
            sha.update(np.packbits(self.observed[first:last]).tobytes())
            let_go(self.observed)
        for first, last in parts:
            shown = np.where(self.observed[first:last], self.values[first:last], np.float32(0))
            sha.update(shown.astype("<f4", copy=False).tobytes())
            let_go(self.values, self.observed)
        if self.covariates is not None:
            sha.update(self.covariates.astype("<f4").tobytes())
        return sha.hexdigest()


def with_units(channels: Iterable[str], units: Iterable[str]) -> str:
    """Spell channels with their units.

    >>> with_units(("speed", "flow"), ("km/h", ""))
    'speed [km/h], flow'
    """
    return ", ".join(f"{name} [{unit}]" if unit else name for name, unit in zip(channels, units, strict=True))


def _plain(array: NDArray[Any], kind: Any) -> NDArray[Any]:  # noqa: ANN401 - what NumPy takes for a dtype
    """Return an array of a kind of cells; a memory map of that kind stays one."""
    kept = isinstance(array, np.memmap) and array.dtype == kind
    return array if kept else np.asarray(array, dtype=kind)


def _taken(array: NDArray[Any], sensors: list[int], channels: list[int]) -> NDArray[Any]:
    """Return some sensors and channels of (T, N, C), copied once where the other axis stays whole."""
    for axis, places in ((2, channels), (1, sensors)):
        if places != list(range(array.shape[axis])):
            array = array.take(places, axis=axis)
    return np.ascontiguousarray(array)


def _places(kind: str, have: tuple[str, ...], want: tuple[str, ...] | None) -> list[int]:
    if want is None:
        return list(range(len(have)))
    place = {name: i for i, name in enumerate(have)}
    missing = [name for name in want if name not in place]
    if missing:
        message = f"the series has no {kind} {missing[:5]}; it has {list(have[:5])}{' ...' if len(have) > 5 else ''}"
        raise MismatchError(message)
    return [place[name] for name in want]


def _spell(time: np.datetime64) -> str:
    return str(pd.Timestamp(time))
