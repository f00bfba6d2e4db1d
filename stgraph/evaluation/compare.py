"""Compare two forecasters on the same windows: is one better, or was it lucky?"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.errors import DataError, MismatchError
from stgraph.evaluation.bootstrap import percentile_interval, resampled_over_days
from stgraph.evaluation.comparison import Comparison, Difference, Metric, check_metric
from stgraph.evaluation.diebold_mariano import diebold_mariano
from stgraph.evaluation.evaluate import alike, check_part
from stgraph.evaluation.scored import Scored, with_bar
from stgraph.forecasting import Forecaster, reopen_series
from stgraph.metrics import absolute_error, squared_error
from stgraph.patches import PatchBatch
from stgraph.series import Part, TrafficSeries

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"MAE": absolute_error, "RMSE": squared_error}
Floats = NDArray[np.float64]
Steps = NDArray[np.int64]


def compare(
    one: Forecaster,
    other: Forecaster,
    series: TrafficSeries,
    part: Part = "test",
    *,
    metric: Metric = "MAE",
    names: tuple[str, str] | None = None,
    batch_size: int = 64,
    seed: int = 0,
    progress: bool = False,
) -> Comparison:
    r"""Compare the errors of two forecasters on every window of a part, in physical units.

    With l and n the loss (|e|, or e^2 for RMSE) and the number of observed values, summed over the sensors of a
    window, the error is sum l / sum n (its root for RMSE), over all windows. How sure the difference is, is said twice:
    by an interval from days drawn again (`resampled_over_days`; a day is the local calendar day of the last step of
    history), and by the Diebold-Mariano test (`diebold_mariano`; over all leads with the horizon of the last) of
    equal mean loss, for RMSE of equal mean squared errors.

    Args:
        one: a forecaster.
        other: another one, of the same channels, steps and split.
        series: the whole series that both were fitted on.
        part: train, validation or test.
        metric: MAE or RMSE.
        names: what to call the two; None = as their models.
        batch_size: windows forecast at once; no figure depends on it.
        seed: of the days drawn.
        progress: draw a bar for each forecaster, where standard error is a terminal.

    Raises:
        MismatchError: the forecasters differ in what they forecast from what, or were fitted on different series.
        DataError: no window fits the part, nothing was observed in it, or a forecast that is not finite.
        UnknownNameError: no such part or metric.
    """
    check_part(part)
    check_metric(metric)
    called = _told_apart(names or (one.model.name, other.model.name))
    forecasters = dict(zip(called, (one, other), strict=True))
    alike(forecasters)
    _check_same_series(forecasters)
    loaders = {name: Scored.of(each, series, part, batch_size=batch_size) for name, each in forecasters.items()}
    sums = []
    for name, forecaster in forecasters.items():
        batches = with_bar(loaders[name], f"scoring {name}") if progress else loaders[name]
        sums.append(_window_sums(forecaster, batches, LOSSES[metric], name))
    losses, count = _on_the_same(sums, f"the {part} part of the series")
    issued = loaders[called[0]].placed.start + one.task.history - 1  # (M,), the same of both
    steps = (series.times[issued] - series.times[0]) // series.interval
    days = series.local_times[issued].tz_localize(None).normalize().to_numpy("datetime64[D]").astype(np.int64)
    rows = _differences(one, losses, count, steps, days, metric=metric, seed=seed)
    return Comparison(called, metric, part, tuple(rows))


def reopen_common_series(one: Forecaster, other: Forecaster, path: Path | None = None) -> TrafficSeries:
    """Read again the very series that two runs were fitted on.

    Args:
        one: a forecaster that was fitted on a file.
        other: another one.
        path: where the file is now; None = where it was.

    Raises:
        MismatchError: the runs were fitted on files with different SHA-256.
        DataError: the series came from no file, the file is gone, or it is not the one recorded.
    """
    first, second = (run.provenance.get("series_sha256") for run in (one, other))
    if first != second:
        message = f"series SHA-256: expected the same for both runs, found {first} and {second}"
        raise MismatchError(message)
    return reopen_series(one.provenance, path)


def _told_apart(names: tuple[str, str]) -> tuple[str, str]:
    one, other = names
    return names if one != other else (f"{one} (one)", f"{other} (other)")


def _check_same_series(forecasters: dict[str, Forecaster]) -> None:
    """Check what is known of the series that two forecasters were fitted on; one given in memory has no SHA-256."""
    facts = [
        {
            "series SHA-256": each.provenance.get("series_sha256"),
            "values that mean 'not measured'": each.provenance.get("read", {}).get("missing"),
            "last time of the series": str(each.latest.local_times[-1]),
        }
        for each in forecasters.values()
    ]
    for what, (first, second) in {what: [fact[what] for fact in facts] for what in facts[0]}.items():
        if first is not None and second is not None and first != second:
            one, other = forecasters
            message = f"{what}: expected the same for both, found {first} ({one}) and {second} ({other})"
            raise MismatchError(message)


@torch.inference_mode()
def _window_sums(
    forecaster: Forecaster, batches: Iterable[PatchBatch], loss: Callable[[Tensor, Tensor], Tensor], name: str
) -> tuple[Floats, Floats]:
    """Return loss and number of observed values of each window, (M, H + 1, C) both; the last lead pools all."""
    sums = []
    for batch in batches:
        if batch.target is None or batch.target_observed is None:
            continue
        forecast = forecaster.predict(batch)
        if not torch.isfinite(forecast).all():
            message = f"forecast of {name}: expected finite numbers, found NaN or infinity"
            raise DataError(message)
        # 0 on both sides of what is unobserved makes the loss 0 there
        pair = [torch.where(batch.target_observed, x.double(), 0.0) for x in (forecast, batch.target)]
        sums.append(torch.stack([loss(*pair), batch.target_observed.double()]).sum(3).cpu())  # (2, B, H, C)
    by_lead = torch.cat(sums, dim=1)
    losses, count = torch.cat([by_lead, by_lead.sum(2, keepdim=True)], dim=2).numpy()
    return losses, count


def _on_the_same(sums: list[tuple[Floats, Floats]], where: str) -> tuple[Floats, Floats]:
    """Return the losses of both, (2, M, H + 1, C), and their common number of observed values, (M, H + 1, C)."""
    (one, count), (other, its_count) = sums
    if not np.array_equal(count, its_count):
        found = f"{count[:, -1].sum():,.0f} and {its_count[:, -1].sum():,.0f}"
        message = f"{where}: expected the same observed values for both, found {found}: one takes holes for values"
        raise MismatchError(message)
    if not count.any():
        message = f"{where}: nothing was observed, so nothing can be compared"
        raise DataError(message)
    return np.stack([one, other]), count


def _differences(
    forecaster: Forecaster, losses: Floats, count: Floats, steps: Steps, days: Steps, *, metric: Metric, seed: int
) -> list[Difference]:
    """Return a row for each channel and lead of which anything was observed."""
    channels, leads = np.nonzero(count.any(0).T)
    losses, count = losses[:, :, leads, channels], count[:, leads, channels]  # (2, M, rows), (M, rows)
    found = _errors(losses.sum(1), count.sum(0), metric)
    drawn = resampled_over_days(np.stack([*losses, count], axis=1), days, seed=seed)  # (R, 3, rows)
    ends = percentile_interval(_errors(drawn[:, :2].swapaxes(0, 1), drawn[:, 2], metric).swapaxes(0, 1))
    rows = []
    for k, (channel, lead) in enumerate(zip(channels.tolist(), leads.tolist(), strict=True)):
        seen, ahead = count[:, k] > 0, min(lead + 1, forecaster.task.horizon)
        test = diebold_mariano(_by_window(losses[:, seen, k], count[seen, k]), steps[seen], ahead)
        one, other, difference, relative = found[:, k].tolist()
        (low, high), (relative_low, relative_high) = ends[:, 2:, k].T.tolist()
        row = Difference(
            channel=forecaster.channels[channel],
            unit=forecaster.units[channel],
            lead=f"{'@' if lead < ahead else 'avg<='}{ahead * forecaster.task.interval / 60:g} min",
            minutes=ahead * forecaster.task.interval / 60,
            one=one,
            other=other,
            difference=difference,
            low=low,
            high=high,
            relative=relative,
            relative_low=relative_low,
            relative_high=relative_high,
            p_value=test.p_value,
            kernel=test.kernel,
            days=len(np.unique(days[seen])),
            windows=int(seen.sum()),
        )
        rows.append(row)
    return rows


def _errors(losses: Floats, count: Floats, metric: Metric) -> Floats:
    """Return errors of one and other, difference, and difference in percent of their mean, (4, ...), from sums."""
    with np.errstate(invalid="ignore"):  # 0 / 0, where no day drawn was observed
        one, other = np.sqrt(losses / count) if metric == "RMSE" else losses / count
    total = one + other
    relative = 200 * (one - other) / np.where(total == 0, 1.0, total)
    return np.stack([one, other, one - other, relative])


def _by_window(losses: Floats, count: Floats) -> Floats:
    """Return the difference of each window, (M,), its mean that of the pooled errors, from (2, M) and (M,).

    It is d + (l_1 - l_2 - n d) / mean(n) with the pooled d: where every window observes as much, its own mean loss of
    one less that of the other; else windows weigh as in the pooled error, and V is that of a ratio of sums.
    """
    gaps, pooled = losses[0] - losses[1], (losses[0] - losses[1]).sum() / count.sum()
    differences: Floats = pooled + (gaps - count * pooled) / count.mean()
    return differences
