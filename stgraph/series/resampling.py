"""The rule by which what was measured within a step becomes one value, or a hole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.times import StepLike, Where, to_step
from stgraph.series.units import per

Way = Literal["mean", "sum", "flow-weighted", "median", "min", "max", "first", "last"]


@dataclass(frozen=True)
class Resampling:
    """How what was measured within a step becomes one value.

    A step [t, t + interval) stands at t, so it is complete only at t + interval. The source has its own step: the one
    it is told, else the median time from one record of a sensor to the next. A step should then hold
    interval / (the source's step) records of each sensor. With fewer than `share` of them it is a hole, and so is a
    ``sum`` with fewer than all: a sum over a hole is not a sum. A step without a record is a hole.

    Ways: ``mean``, ``median``, ``min``, ``max``, ``first``, ``last``, ``sum``, and for speeds ``flow-weighted``,
    sum(q v) / sum(q) over the records with both a flow q and a speed v; a hole where no vehicle passed.
    Where `ways` says nothing, a flow is summed and all else is averaged; a flow whose unit is per another time than the
    source's step (veh/h of records every minute) is a rate, and averaged.

    Args:
        interval: length of a step, for example ``"5min"``; not shorter than that of the source.
        ways: the way of a channel, for example ``{"speed": "flow-weighted"}``.
        share: least share of the records of a step that must be there, above 0 and up to 1.

    Raises:
        DataError: an interval that is no duration, or a share that is none.
        UnknownNameError: another way.
    """

    interval: StepLike
    ways: Mapping[str, Way] = field(default_factory=dict)
    share: float = 0.5

    def __post_init__(self) -> None:
        """Check every field."""
        to_step(self.interval)
        for way in self.ways.values():
            if way not in get_args(Way):
                raise UnknownNameError.of("way to resample", way, get_args(Way))
        if not 0 < self.share <= 1:
            message = f"share: expected a share above 0 and up to 1 (--resample-share), found {self.share}"
            raise DataError(message)

    def way(self, channel: str, unit: str, step: np.timedelta64) -> Way:
        """Return how a channel of a source with this step is resampled."""
        _, time = per(unit)
        return self.ways.get(channel, "sum" if channel == "flow" and time in {None, step} else "mean")

    def describe(self) -> dict[str, Any]:
        """Return the rule as plain data, of which it can be made again.

        >>> Resampling(pd.Timedelta("5min"), {"speed": "median"}).describe()
        {'interval': '300s', 'ways': {'speed': 'median'}, 'share': 0.5}
        """
        return {"interval": self._spelled(), "ways": dict(self.ways), "share": self.share}

    def whole(self, source: np.timedelta64, where: Where) -> int:
        """Return how many records of each sensor a step should hold.

        Raises:
            DataError: steps shorter than those of the source; names the first record.
        """
        length = to_step(self.interval)
        if count := round(length / source):
            return count
        message = (
            f"{where(0)}: expected steps of at least {pd.Timedelta(source)}, as the source has them, to resample "
            f"(--resample), found {pd.Timedelta(length)}"
        )
        raise DataError(message)

    def check(self, channels: Sequence[str], where: Where) -> None:
        """Check that the source has every channel that a way is given for, and the flow that weighs.

        Raises:
            DataError: names the first record, the channel and those found.
        """
        needed = [*self.ways, *["flow" for way in self.ways.values() if way == "flow-weighted"]]
        absent = [channel for channel in needed if channel not in channels]
        if absent:
            message = (
                f"{where(0)}: expected the channel {absent[0]!r} to resample (--resample-by), found {tuple(channels)}"
            )
            raise DataError(message)

    def unit(self, channel: str, unit: str, step: np.timedelta64) -> str:
        """Return the unit of a channel afterwards: what was summed per step of the source is per step.

        >>> Resampling("15min").unit("flow", "veh/5min", np.timedelta64(5, "m"))
        'veh/15min'
        """
        counted, time = per(unit)
        if self.way(channel, unit, step) != "sum" or time is None:
            return unit
        return f"{counted}/{self._spelled()}"

    def _spelled(self) -> str:
        return self.interval if isinstance(self.interval, str) else f"{pd.Timedelta(self.interval).total_seconds():g}s"
