"""Rollout: the first steps are the plain forecast, and rules of one step give their closed form."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.forecasting import Forecaster, fit, steps_until
from stgraph.models import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.series import TrafficSeries
from tests import contracts
from tests.conftest import World

HALF_HOUR = np.timedelta64(30, "m")


class Recurrence(ForecastModel):
    """In scaled units x_t = 0.9 x_t-1 - 0.5 x_t-2, whatever the other channels; it keeps the batches it was shown."""

    name: ClassVar[str] = "recurrence"
    paper: ClassVar[str] = "nobody"
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "none"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.shown: list[PatchBatch] = []

    @property
    def reach(self) -> int:
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        self.shown.append(batch)
        steps = list(batch.signal[:, -2:, :, list(self.task.targets)].unbind(1))
        for _ in range(self.task.horizon):
            steps.append(0.9 * steps[-1] - 0.5 * steps[-2])
        return torch.stack(steps[2:], dim=1)


def recurrence(world: World, **how: Any) -> tuple[Forecaster, list[PatchBatch]]:
    forecaster = fit(world.series, world.graph, Recurrence, **({"history": 6, "horizon": 4} | how))
    model = forecaster.model
    assert isinstance(model, Recurrence)
    model.shown.clear()
    return forecaster, model.shown


@pytest.mark.parametrize("name", ["patchnet", "dcrnn", "linear-regression", "historical-average"])
def test_the_first_horizon_is_the_plain_forecast_bit_for_bit(name: str, world: World) -> None:
    forecaster = contracts.forecaster_of(name, world)
    plain, rolled, short = (forecaster.forecast(steps=steps) for steps in (None, 11, 3))
    assert [len(one.times) for one in (plain, rolled, short)] == [4, 11, 3]
    np.testing.assert_array_equal(rolled.values[:4], plain.values)
    np.testing.assert_array_equal(short.values, plain.values[:3])
    assert rolled.times.tolist() == (world.series.times[-1] + np.arange(1, 12) * HALF_HOUR).tolist()
    assert rolled.lead_minutes[-1] == 330


@pytest.mark.parametrize(("history", "horizon"), [(6, 4), (2, 5), (3, 1), (4, 4)])
@pytest.mark.parametrize("targets", [["speed"], ["flow", "speed"]])
def test_persistence_rolls_out_to_itself(history: int, horizon: int, targets: list[str], world: World) -> None:
    forecaster = fit(world.series, world.graph, "persistence", history=history, horizon=horizon, targets=targets)
    rolled = forecaster.forecast(steps=13).values
    np.testing.assert_allclose(rolled, np.broadcast_to(rolled[:1], (13, 17, len(targets))), rtol=1e-5)


def test_a_linear_recurrence_gives_its_closed_form(world: World) -> None:
    """x_t = A r^t + B s^t with the roots r, s of x^2 = 0.9 x - 0.5, whose size is 0.71."""
    forecaster, _ = recurrence(world)
    mean, deviation = forecaster.scaler.mean[0], forecaster.scaler.deviation[0]
    seen, values = world.series.observed[-2:, :, 0], world.series.values[-2:, :, 0].astype(float)
    scores = np.where(seen, (values - mean) / deviation, 0)
    roots = np.roots([1, -0.9, 0.5])
    amplitudes = np.linalg.solve(np.stack([np.ones(2), roots]), scores.astype(complex))  # x_0 and x_1
    powers = roots ** np.arange(2, 2 + 50)[:, None]
    expected = mean + deviation * (powers @ amplitudes).real
    np.testing.assert_allclose(forecaster.forecast(steps=50).values[..., 0], expected, rtol=1e-4)


def test_each_round_sees_what_the_one_before_forecast_and_no_other_channel(world: World) -> None:
    forecaster, shown = recurrence(world)
    rolled = forecaster.forecast(steps=12)
    assert len(shown) == 3
    first, second, third = shown
    assert torch.equal(second.signal[:, :2], first.signal[:, 4:]), "two steps of the history are left"
    assert second.observed[:, 2:, :, 0].all()
    assert not second.observed[:, 2:, :, 1].any()
    assert not second.signal[:, 2:, :, 1].any()
    scores = forecaster.scaler.select([0]).scale(rolled.values)
    np.testing.assert_allclose(second.signal[0, 2:, :, :1], scores[:4], atol=1e-5)
    np.testing.assert_allclose(third.signal[0, :, :, :1], scores[2:8], atol=1e-5)
    assert rolled.notes[-1] == "forecasts are fed back beyond 4 steps, where flow count as unobserved"
    assert not any("fed back" in note for note in forecaster.forecast().notes)
    assert first.covariates is not None
    assert third.covariates is not None
    assert (third.covariates == first.covariates[:, 5]).all(), "the last one known"


@pytest.mark.parametrize(
    ("end", "holidays"),
    [("2024-03-30T20:00", ["2024-03-31"]), ("2024-10-26T20:00", []), ("2023-12-31T20:00", ["2024-01-01"])],
    ids=["spring and Easter", "autumn", "new year"],
)
def test_the_calendar_goes_on_over_midnight_summer_time_and_holidays(
    end: str, holidays: list[str], world: World
) -> None:
    times = np.datetime64(end, "ns") - np.arange(600)[::-1] * HALF_HOUR
    series = replace(world.series, times=times, timezone="Europe/Amsterdam", country="NL")
    forecaster, shown = recurrence(World(world.graph, series))
    rolled = forecaster.forecast(steps=24)
    for k, batch in enumerate(shown):
        start = pd.Timestamp(end, tz="UTC") + (4 * k - 5) * pd.Timedelta("30min")
        local = pd.date_range(start, periods=10, freq="30min").tz_convert("Europe/Amsterdam")
        expected = [[t.hour * 2 + t.minute // 30, t.dayofweek, f"{t:%Y-%m-%d}" in holidays] for t in local]
        assert batch.calendar[0, :, 0].tolist() == expected
    assert rolled.times[-1] == np.datetime64(end) + 24 * HALF_HOUR


def test_what_stands_under_the_mask_has_no_influence_however_far(world: World) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    junk = replace(world.series, values=np.where(world.series.observed, world.series.values, np.float32(np.nan)))
    one, other = (forecaster.forecast(series, steps=20).values for series in (world.series, junk))
    np.testing.assert_array_equal(one, other)


def test_bounds_end_at_the_horizon(world: World) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    whole, short = (forecaster.forecast(coverage=0.9, steps=steps) for steps in (4, 2))
    np.testing.assert_array_equal(short.upper, whole.upper[:2] if whole.upper is not None else None)
    with pytest.raises(DataError, match=r"coverage: no errors were measured beyond .* at most 4 steps, found 5"):
        forecaster.forecast(coverage=0.9, steps=5)
    with pytest.raises(DataError, match="steps: expected at least 1, found 0"):
        forecaster.forecast(steps=0)


def zoned(world: World, timezone: str | None) -> TrafficSeries:
    return replace(world.series, timezone=timezone)


def test_steps_are_counted_up_to_a_time_on_the_wall(world: World) -> None:
    """The last of 600 half hours from 2024-01-01 is 2024-01-13 11:30."""
    series = world.series
    assert steps_until("2024-01-13 12:00", series) == 1
    assert steps_until("2024-01-13 12:29", series) == 1
    assert steps_until("2024-01-14", series) == 25
    there = zoned(world, "Europe/Amsterdam")
    assert steps_until("2024-01-13 14:00", there) == 3, "11:30 UTC is 12:30 there"
    assert steps_until("2024-01-13T14:00+00:00", there) == 5


@pytest.mark.parametrize(
    ("until", "timezone", "words"),
    [
        ("2024-01-13 11:59", None, r"until: expected the first time that can be forecast, 2024-01-13 12:00:00, or a"),
        ("2024-01-13 12:59", "Europe/Amsterdam", r"until: .*, 2024-01-13 13:00:00\+01:00, or a later one, found"),
        ("tomorrow", None, r"until: expected a time such as 2012-03-01 00:05, found 'tomorrow'"),
        ("2024-01-14T00:00Z", None, "until: expected a local time without an offset"),
        ("2024-01-14T00:00+02:00", None, r"until: .* need the zone too"),
    ],
)
def test_a_time_that_cannot_be_forecast_is_named(until: str, timezone: str | None, words: str, world: World) -> None:
    with pytest.raises(DataError, match=words):
        steps_until(until, zoned(world, timezone))
