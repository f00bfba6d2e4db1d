"""When is a value distrusted: every threshold of the check, with its unit and its source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from stgraph.errors import DataError, UnknownNameError


@dataclass(frozen=True)
class HealthSettings:
    """The thresholds of `check`, chosen so that sound detectors hardly ever trip one; each rule's file says how.

    Args:
        fastest: km/h, the highest mean speed of an interval that is believed.
        lane_flow: veh/h, the most that one lane carries; the Highway Capacity Manual (6th edition, 2016, chapter 12)
            has 2,400 cars over 15 minutes, shorter intervals scatter more.
        lanes: how many lanes a sensor counts together at most, where they are not given.
        stuck_hours: a value may always stay the same for so long.
        stuck_surprise: nats; a run is stuck where its probability is below exp(-stuck_surprise).
        stuck_habit: the quantile over days of how often a sensor's value stays the same in an hour of the day.
        jump_sigmas: robust standard deviations from the median of the values around it.
        jump_spread: share of P99 - P1 of the channel over the whole network that a jump is larger than.
        idle_minutes: speeds may change for so long without any flow: single empty intervals are the rule at night.
        clock_days: length of the windows in which lags are measured; two of them must agree.
        clock_minutes: the smallest lag that is a shifted clock, not travel time.
        clock_hours: the largest lag looked for.
        clock_correlation: the smallest correlation with the neighbours at the lag.
        clock_gain: by how much the correlation with the neighbours must be higher at the lag than without one.
        contradiction_agreement: relative difference up to which the two neighbours agree.
        contradiction_sigmas: robust standard deviations from their mean, measured over the whole network.
        contradiction_least: the smallest relative difference from it: a curve slows traffic by a few percent.
        contradiction_share: of the steps of a day at which the neighbours agree.
        contradiction_hours: the least time of a day at which they must agree.

    Raises:
        DataError: a threshold that is not a positive number, or a share or quantile above 1.

    >>> HealthSettings(stuck_hours=3).stuck_hours
    3
    """

    fastest: float = 200.0
    lane_flow: float = 3000.0
    lanes: float = 8
    stuck_hours: float = 1.0
    stuck_surprise: float = 20.0
    stuck_habit: float = 0.75
    jump_sigmas: float = 8.0
    jump_spread: float = 0.4
    idle_minutes: float = 30.0
    clock_days: float = 2
    clock_minutes: float = 30.0
    clock_hours: float = 12.0
    clock_correlation: float = 0.4
    clock_gain: float = 0.2
    contradiction_agreement: float = 0.1
    contradiction_sigmas: float = 5.0
    contradiction_least: float = 0.15
    contradiction_share: float = 0.5
    contradiction_hours: float = 4.0

    def __post_init__(self) -> None:
        """Refuse thresholds that mean nothing."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0 and math.isfinite(value)):
                message = f"{field.name}: expected a positive number, found {value}"
                raise DataError(message)
        for name in ("stuck_habit", "contradiction_share", "clock_correlation", "clock_gain"):
            if getattr(self, name) > 1:
                message = f"{name}: expected a share up to 1, found {getattr(self, name)}"
                raise DataError(message)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "HealthSettings":
        """Return the settings that texts spell, as a command line gives them; those not given keep their default.

        Raises:
            UnknownNameError: there is no such setting; suggests the nearest.
            DataError: a text that is no number, or a number that means nothing there.
        """
        numbers = {}
        for name, text in given.items():
            if name not in cls.__dataclass_fields__:
                raise UnknownNameError.of("setting of the check", name, cls.__dataclass_fields__)
            try:
                numbers[name] = float(text)
            except ValueError as error:
                message = f"setting {name}: expected a number, found {text!r}"
                raise DataError(message) from error
        return cls(**numbers)
