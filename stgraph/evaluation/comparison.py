"""`Comparison`: by how much one model is better than another, and how sure that is."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from stgraph.errors import UnknownNameError
from stgraph.evaluation.bootstrap import FEWEST_DAYS, LEVEL
from stgraph.evaluation.diebold_mariano import Kernel
from stgraph.evaluation.evaluation import SHOWN_MINUTES
from stgraph.series import Part

Metric = Literal["MAE", "RMSE"]


@dataclass(frozen=True)
class Difference:
    """The error of one model less that of another, at one lead of one channel.

    Args:
        channel: what is forecast.
        unit: its unit.
        lead: ``@15 min`` is that step alone, ``avg<=60 min`` pools all steps up to it.
        minutes: those of `lead`.
        one: error of the one model, in the unit.
        other: error of the other.
        difference: one - other: the one model is better where it is negative.
        low: lower end of its interval.
        high: upper end.
        relative: the difference in percent of the mean of both errors.
        relative_low: lower end of its interval.
        relative_high: upper end.
        p_value: of the Diebold-Mariano test; NaN where there are too few windows for it.
        kernel: how that test summed autocovariances.
        days: with anything observed: the blocks of the bootstrap.
        windows: with anything observed.
    """

    channel: str
    unit: str
    lead: str
    minutes: float
    one: float
    other: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p_value: float
    kernel: Kernel
    days: int
    windows: int

    @property
    def pooled(self) -> bool:
        """Whether it is of all leads."""
        return self.lead.startswith("avg")

    @property
    def told(self) -> bool:
        """Whether interval and test agree that there is a difference."""
        return (self.low > 0 or self.high < 0) and self.p_value < 1 - LEVEL

    @property
    def spelled_days(self) -> str:
        """How many days the interval rests on, and whether they are too few to trust it."""
        caution = ", too few to trust the interval" if self.days < FEWEST_DAYS else ""
        return f"{self.days} day{'' if self.days == 1 else 's'}{caution}"

    @property
    def spelled_p(self) -> str:
        """The p-value of the test, or why there is none."""
        if np.isnan(self.p_value):
            return "p unknown, too few windows"
        return "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.2g}"


@dataclass(frozen=True)
class Comparison:
    """Differences between the errors of two models on the same windows.

    Args:
        names: of the one and the other model.
        metric: MAE or RMSE.
        part: train, validation or test.
        differences: channel by channel at each lead by itself, then pooled over all; what was never observed is left
            out.
    """

    names: tuple[str, str]
    metric: Metric
    part: Part
    differences: tuple[Difference, ...]

    @property
    def averages(self) -> tuple[Difference, ...]:
        """The differences over all leads, one a channel."""
        return tuple(row for row in self.differences if row.pooled)

    @property
    def level(self) -> str:
        """Level of the intervals, and of the test."""
        return f"{100 * LEVEL:g} %"

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each channel and lead, and one for all leads pooled, with the fields of `Difference`."""
        return pd.DataFrame([asdict(row) for row in self.differences])

    def summary(self) -> pd.DataFrame:
        """Return `to_dataframe` at 15, 30 and 60 minutes (the last lead where none is there) and on average only."""
        leads = sorted({row.minutes for row in self.differences})
        shown = [m for m in leads if np.isclose(m, SHOWN_MINUTES).any()] or leads[-1:]
        kept = [row.pooled or row.minutes in shown for row in self.differences]
        return self.to_dataframe()[kept].reset_index(drop=True)

    def describe(self) -> str:
        """Return which model is better over all leads, in words, a line a channel.

        One is called better where the interval leaves out 0 and the test agrees at the same level.
        """
        return "\n".join(map(self._sentence, self.averages))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, for JSON; None stands for a test of too few windows."""
        rows = [asdict(row) for row in self.differences]
        return {
            "one": self.names[0],
            "other": self.names[1],
            "metric": self.metric,
            "part": self.part,
            "level": LEVEL,
            "verdict": self.describe(),
            "differences": [{k: None if v != v else v for k, v in row.items()} for row in rows],  # noqa: PLR0124 - NaN
        }

    def _sentence(self, row: Difference) -> str:
        one, other = self.names
        found = f"no difference between {one} and {other} can be told"
        difference, low, high = f"difference {_spell(row.difference)} {row.unit}".rstrip() + ", ", row.low, row.high
        if row.told:
            better, worse, sign = (one, other, -1) if row.difference < 0 else (other, one, 1)
            found = f"{better} is better than {worse} by {_spell(abs(row.difference))} {row.unit}".rstrip()
            difference, low, high = "", *sorted((sign * row.low, sign * row.high))
        sure = f"{self.level} interval {_spell(low)} to {_spell(high)} over {row.spelled_days}"
        return f"{row.channel}, {self.metric} {row.lead}: {found} ({difference}{sure}; DM {row.spelled_p})"


def check_metric(metric: str) -> Metric:
    """Return the metric of that name.

    Raises:
        UnknownNameError: there is none that can be compared.
    """
    for known in get_args(Metric):
        if metric == known:
            return known  # type: ignore[no-any-return]  # get_args says Any of a Literal's values
    raise UnknownNameError.of("metric", metric, get_args(Metric))


def _spell(value: float) -> str:
    """Spell three digits.

    >>> _spell(1234.5), _spell(0.12345), _spell(-0.000123), _spell(0.0)
    ('1230', '0.123', '-0.000123', '0')
    """
    return np.format_float_positional(value, precision=3, unique=False, fractional=False, trim="-")
