"""`refit`: what a fit found best, trained anew on all data, so that tomorrow's forecast has seen yesterday."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from stgraph.errors import RunError
from stgraph.files import check_folder, sha256
from stgraph.forecasting.fit import finish, trained
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.inputs import read_like, reopen_series
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.forecasting.run_folder import load
from stgraph.forecasting.unfinished import CHECKPOINT, check_free
from stgraph.series import Split, TrafficSeries
from stgraph.training import Training
from stgraph.training.options import Accelerator

EVERYTHING = Split(1.0, 0.0, 0.0)


def refit(
    run: Forecaster | str | Path,
    series: TrafficSeries | str | Path | None = None,
    *,
    folder: str | Path | None = None,
    accelerator: Accelerator = "auto",
    progress: bool = True,
) -> Forecaster:
    """Train the model of a run anew on all data: its training, validation and test parts, or a newer series.

    Model, settings, seed and options are those of the run, and the epochs as many as its validation chose, with the
    schedule over just these; the scaler is that of all observed values. Nothing is held out: no epoch is selected, and
    the result cannot be evaluated. Its bounds rest on the errors that the run made on its validation part, which the
    result has seen: they are carried over as they are.

    Args:
        run: the folder of a fit, or its forecaster; one that was refitted itself may be refitted again.
        series: a longer series of the same sensors, or its file, which is read as that of the run was; None = the very
            series of the run.
        folder: run folder to write, not that of the run: a checkpoint after each epoch, and the result at the end. A
            refit that was cut off goes on from there when it is asked for again. None = write nothing.
        accelerator: as in `Training`; that of the run may not be on this machine.
        progress: as in `Training`.

    Raises:
        RunError: no run; it was saved before its options were kept; its own folder; the checkpoint of another fit.
        DataError: its series came from no file, or the file is gone or was changed; the folder cannot be written.
        MismatchError: the series has other sensors, channels, units or interval than that of the run.
    """
    before = run if isinstance(run, Forecaster) else load(run)
    place = None if folder is None else check_free(check_folder(folder))
    if place is not None and not isinstance(run, Forecaster) and place.resolve() == Path(run).resolve():
        message = f"{place}: expected another folder than that of the run, which is kept to be evaluated"
        raise RunError(message)
    known, provenance = _known(before, series)
    task, how = before.task, replace(_options(before), accelerator=accelerator, progress=progress)
    with seeded(how.seed):
        prepared = prepare(
            known,
            before.graph,
            type(before.model),
            history=task.history,
            horizon=task.horizon,
            targets=before.channels,
            split=EVERYTHING,
            scaling=before.scaling,
            training=how,
            settings=before.model.settings,
            quantiles=task.quantiles,
            named=str(provenance.get("series", "the series")),
        )
        found = trained(prepared, provenance, None if place is None else place / CHECKPOINT)
    bounds = before.calibration
    if bounds is not None:
        bounds = replace(bounds, carried=bounds.carried or "the fit before")
    again = replace(found, calibration=bounds, chosen=before.chosen or before.log)
    if place is not None:
        finish(again, place)
    return again


def _known(before: Forecaster, series: TrafficSeries | str | Path | None) -> tuple[TrafficSeries, dict[str, Any]]:
    """Return the series to train on, in the order of the run, and where it came from."""
    source = before.provenance
    if series is None:
        return before.aligned(reopen_series(source)), source
    rest = {k: v for k, v in source.items() if k not in {"dataset", "data_dir", "series", "series_sha256", "before"}}
    if isinstance(series, TrafficSeries):
        return before.aligned(series), rest
    path = Path(series)
    return read_like(before, path), rest | {"series": str(path.resolve()), "series_sha256": sha256(path)}


def _options(before: Forecaster) -> Training:
    """Return how the run was trained, for the epochs that its validation chose."""
    if before.training is None:
        message = f"the run of {before.model.name} was saved before the options of its training were kept; fit it again"
        raise RunError(message)
    chosen = before.chosen or before.log
    return replace(before.training, epochs=chosen.best_epoch + 1)
