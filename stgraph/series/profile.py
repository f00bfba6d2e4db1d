"""`Profile`: what is usual on each sensor at each time of a working day, and of any other day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import ShapeError
from stgraph.series.blocks import blocks
from stgraph.series.calendar import calendar_of
from stgraph.series.mapped import let_go
from stgraph.series.scaling import Scaler
from stgraph.series.split import Ranges
from stgraph.series.traffic_series import TrafficSeries
from stgraph.shapes import check_shape

KINDS = 2
"""Of days: Monday to Friday, and the others with public holidays."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What is usual on each sensor at each time of the day, as sums over what was observed in the past.

    It tells a model what a sensor is like, also one that it was never trained on. Sums, not means, so that the days a
    model is trained on can be told what the others were like: each leaves its own values out.

    Args:
        sums: (2, S, N, 3 C) float32: number, sum and sum of squares of the standard scores of C channels that were
            observed, by kind of day (Monday to Friday; the others and public holidays) and step of the day.
        usual: (2, S, 3 C) float32: the mean of those of the sensors that were ever observed, for which one that never
            was is taken.

    Raises:
        ShapeError: the sums have another shape.
    """

    sums: NDArray[np.float32]
    usual: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check the shape."""
        check_shape(self.sums, "D S N C", name="profile", D=KINDS)
        if self.sums.shape[3] % 3:
            message = f"profile: expected number, sum and squares of each channel, found {self.sums.shape[3]} columns"
            raise ShapeError(message)
        steps, columns = self.sums.shape[1], self.sums.shape[3]
        check_shape(self.usual, "D S C", name="profile.usual", D=KINDS, S=steps, C=columns)

    @classmethod
    def of(cls, series: TrafficSeries, scaler: Scaler, ranges: Ranges, channels: Sequence[int] = (0,)) -> "Profile":
        """Add up what was observed in stretches of a series, some steps at a time.

        Args:
            series: whose days count.
            scaler: of all its channels.
            ranges: stretches of steps, (first, past the last).
            channels: which channels.

        >>> import numpy as np
        >>> hours = TrafficSeries(
        ...     values=np.array([10, 20, 30, 50], dtype=np.float32)[:, None, None],
        ...     observed=np.ones((4, 1, 1), dtype=bool),
        ...     times=np.array(["2024-03-04", "2024-03-04T12", "2024-03-05", "2024-03-05T12"], dtype="datetime64[ns]"),
        ...     sensors=("a",),
        ...     channels=("speed",),
        ...     units=("km/h",),
        ... )
        >>> Profile.of(hours, Scaler((20.0,), (10.0,)), ((0, 4),)).sums[0, :, 0]  # Monday and Tuesday
        array([[2., 0., 2.],
               [2., 3., 9.]], dtype=float32)
        """
        steps, sensors = series.steps_per_day, len(series.sensors)
        sums = np.zeros((KINDS * steps, sensors, 3, len(channels)), dtype=np.float32)
        mean, deviation = (np.array(of, dtype=np.float32)[list(channels)] for of in (scaler.mean, scaler.deviation))
        for begin, end in ranges:
            for a, b in blocks(begin, end, series.values[0].size):
                observed = series.observed[a:b][..., list(channels)]
                scores = np.where(observed, (series.values[a:b][..., list(channels)] - mean) / deviation, np.float32(0))
                times = series.local_times[a:b]
                place = slots_of(calendar_of(times, series.interval, series.country), steps)
                for k, one in enumerate((observed.astype(np.float32), scores, scores * scores)):
                    np.add.at(sums[:, :, k], place, one)
                let_go(series.values, series.observed)
        known = sums[:, :, 0].any((0, 2))
        usual = sums[:, known].mean(1, dtype=np.float64) if known.any() else sums[:, :1].sum(1)  # in any order the same
        return cls(sums.reshape(KINDS, steps, sensors, -1), usual.reshape(KINDS, steps, -1).astype(np.float32))

    def __len__(self) -> int:
        """Return the number of sensors."""
        return int(self.sums.shape[2])

    @property
    def counted(self) -> NDArray[np.float32]:
        """(N,) how many values each sensor's rests on."""
        of_channels = self.sums.shape[3] // 3
        total: NDArray[np.float32] = self.sums[..., :of_channels].sum((0, 1, 3))
        return total

    def take(self, places: Sequence[int | None]) -> "Profile":
        """Return the profile of other sensors: those that stood in these places before; None = nothing is known."""
        known = np.array([place is not None for place in places], dtype=bool)
        picked = self.sums[:, :, [place or 0 for place in places]]
        return Profile(np.where(known[:, None], picked, np.float32(0)), self.usual)

    def filled(self) -> "Profile":
        """Return the profile in which a sensor of which nothing is known has what is usual."""
        known = self.counted > 0
        return self if known.all() else replace(self, sums=np.where(known[:, None], self.sums, self.usual[:, :, None]))

    def or_else(self, other: "Profile") -> "Profile":
        """Return for each sensor the one of two profiles that rests on more; what is usual stays."""
        return replace(self, sums=np.where((self.counted >= other.counted)[:, None], self.sums, other.sums))


def slots_of(calendar: NDArray[np.int64], steps_per_day: int) -> NDArray[np.int64]:
    """Return where each row (step of day, day of week, holiday) stands among the slots of a profile.

    >>> slots_of(np.array([[5, 0, 0], [5, 6, 0], [5, 2, 1]]), 24)
    array([ 5, 29, 29])
    """
    step, day, holiday = np.moveaxis(calendar, -1, 0)
    free = (day >= 5) | (holiday > 0)
    places: NDArray[np.int64] = free * steps_per_day + step
    return places
