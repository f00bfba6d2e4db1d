"""Forecasts beside what was measured, over time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.forecasting.forecast import Forecast
from stgraph.plots.style import GREY, INK, PALE, STRONG, bare, blank, legend
from stgraph.series.traffic_series import TrafficSeries

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 4
MOST_TICKS = 12
TICKS = ("5min", "15min", "30min", "1h", "2h", "3h", "6h", "12h", "24h")


def forecast(
    forecasts: Forecast | Sequence[Forecast],
    series: TrafficSeries,
    *,
    sensors: Sequence[str] | None = None,
    channel: str | None = None,
    hours: float = 6,
) -> "Figure":
    """Draw forecasts over what was measured before and after their issue, one panel a sensor.

    The time after the latest issue is shaded; unobserved values are gaps; times are local. Bounds are a band around
    the forecast that has them.

    Args:
        forecasts: one, or several issued one after another.
        series: what was measured, also after the issue where it is known.
        sensors: ids to show; None = the four that vary most in the hours shown.
        channel: what to show; None = the first channel of the forecasts.
        hours: how much to show of the time before the latest issue; forecasts issued earlier are left out.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: no forecast, or nothing in the series in the hours shown.
        MismatchError: forecasts and series on different clocks, or the series lacks a sensor or the channel.
        UnknownNameError: a sensor or channel that a forecast does not have.
    """
    issues = sorted([forecasts] if isinstance(forecasts, Forecast) else forecasts, key=lambda one: one.issued)
    if not issues:
        message = "forecasts: expected at least one, found none"
        raise DataError(message)
    latest = issues[-1]
    channel = latest.channels[0] if channel is None else channel
    first = latest.issued - np.timedelta64(round(hours * 3600), "s")
    issues = [one for one in issues if one.issued >= first]
    wanted = latest.sensors if sensors is None else tuple(sensors)
    measured = _measured(series.select(sensors=wanted, channels=(channel,)), issues, first)
    if sensors is None:
        order = measured.std().fillna(0).sort_values(ascending=False, kind="stable")
        wanted = tuple(order.index[:MOST_PANELS])
    local = latest.local_times[0] - (latest.times[0] - latest.issued)
    bounds = "" if latest.coverage is None else f", in bounds that should hold {100 * latest.coverage:g} %"
    figure = blank(
        1.2 + 1.75 * len(wanted),
        title=f"{channel.capitalize()}, forecast at {local:%H:%M} on {local:%A} {local.day} {local:%B %Y}",
        below=f"{latest.lead_minutes[-1]:.0f} minutes ahead{bounds}",
    )
    panels = figure.subplots(len(wanted), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, sensor in zip(panels, wanted, strict=True):
        bare(axes)
        axes.margins(x=0.01)
        axes.set_title(sensor, loc="left", fontsize=10, fontweight="bold", color=INK)
        unit = latest.units[_place("channel", channel, latest.channels)]
        axes.set_ylabel(f"{channel} [{unit}]" if unit else channel, color=INK)
        axes.axvspan(latest.issued, latest.times[-1], color=PALE, linewidth=0, zorder=0)
        axes.plot(
            measured.index.to_numpy(), measured[sensor].to_numpy(), color=INK, linewidth=1.2, zorder=5, label="measured"
        )
        for one in issues:
            _draw(axes, one, measured, sensor, channel, is_latest=one is latest)
    _clock(panels[-1], pd.DatetimeIndex([measured.index[0], latest.times[-1]]), latest.timezone)
    legend(figure)
    return figure


def _measured(series: TrafficSeries, issues: Sequence[Forecast], first: np.datetime64) -> pd.DataFrame:
    """Return the values measured from `first` on, on the clock of `times`, with a row for each step also in gaps."""
    for one in issues:
        if one.timezone != series.timezone:
            message = f"forecast and series must be on one clock, found {one.timezone} and {series.timezone}"
            raise MismatchError(message)
    last = issues[-1].times[-1]
    shown = (series.times >= first) & (series.times <= last)
    if not shown.any():
        message = f"the series has no times from {pd.Timestamp(first)} to {pd.Timestamp(last)}"
        raise DataError(message)
    values = np.where(series.observed, series.values, np.float32("nan"))[shown, :, 0]
    table = pd.DataFrame(values, index=pd.DatetimeIndex(series.times[shown]), columns=list(series.sensors))
    return table.reindex(pd.date_range(table.index[0], table.index[-1], freq=pd.Timedelta(series.interval)))


def _draw(axes: "Axes", one: Forecast, measured: pd.DataFrame, sensor: str, channel: str, *, is_latest: bool) -> None:
    """Draw one forecast, from the value measured at its issue where there is one."""
    place = _place("sensor", sensor, one.sensors), _place("channel", channel, one.channels)
    bounds = () if one.lower is None or one.upper is None else (one.lower, one.upper)
    values, *both = (lines[:, *place] for lines in (one.values, *bounds))
    times = one.times
    at_issue = float(measured[sensor].get(pd.Timestamp(one.issued), np.nan))
    if np.isfinite(at_issue):
        times = np.concatenate([[one.issued], times])
        values, *both = (np.concatenate([[at_issue], line]) for line in (values, *both))
    if both:
        lower, upper = both
        axes.fill_between(times, lower, upper, color=STRONG, alpha=0.25 if is_latest else 0.15, linewidth=0, zorder=2)
    axes.plot(
        times,
        values,
        color=STRONG,
        linewidth=2.4 if is_latest else 1.4,
        alpha=1.0 if is_latest else 0.7,
        marker="o",
        markersize=6 if is_latest else 4,
        markevery=[0],
        label="forecast" if is_latest else "earlier forecasts",
        zorder=4 if is_latest else 3,
    )


def _clock(axes: "Axes", times: pd.DatetimeIndex, timezone: str | None) -> None:
    """Write local hours and minutes below the axis, and the date where a day begins."""
    zone = timezone or "UTC"
    local = times.tz_localize("UTC").tz_convert(zone)
    span = local[-1] - local[0]
    step = next((s for s in TICKS if span / pd.Timedelta(s) <= MOST_TICKS), TICKS[-1])
    ticks = pd.date_range(local[0].normalize(), local[-1], freq=step)
    ticks = ticks[ticks >= local[0]]
    labels = [f"{t:%H:%M}" + (f"\n{t:%a} {t.day} {t:%b}" if t == t.normalize() else "") for t in ticks]
    axes.set_xticks(ticks.tz_convert("UTC").tz_localize(None).to_numpy(), labels)
    axes.set_xlabel(timezone or "local time", color=GREY)


def _place(kind: str, name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        raise UnknownNameError.of(kind, name, names)
    return names.index(name)
