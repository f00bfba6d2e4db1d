"""`fit`: a series and a graph in, a forecaster out; `resume`: the same, where it was cut off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stgraph.files import check_folder
from stgraph.forecasting.calibrate import calibrate
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.inputs import reopen_inputs
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.prepare import ModelChoice, Prepared, prepare, seeded, together
from stgraph.forecasting.unfinished import CHECKPOINT, Plan, clear
from stgraph.graph import SensorGraph
from stgraph.series import Scaling, Split, TrafficSeries
from stgraph.training import Training, TrainingLog, World


def fit(
    series: TrafficSeries,
    graph: SensorGraph,
    model: ModelChoice = "patchnet",
    *,
    history: int = 12,
    horizon: int = 12,
    targets: Sequence[str] | None = None,
    split: Split | None = None,
    scaling: Scaling | None = None,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    quantiles: Sequence[float] = (),
    bounds: bool = True,
    provenance: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
) -> Forecaster:
    """Fit a model to a road network.

    Where ``torchrun`` started several processes, they make one fit together: each asks for the same, has a share of
    every batch, and returns the same forecaster; the first one alone writes the folder.

    Args:
        series: values on the sensors; its `observed` says what was measured.
        graph: the same sensors, in any order.
        model: a name (`stgraph models` lists them), a class, or a function that makes a model from a `Task`.
        history: steps in, T.
        horizon: steps out, H.
        targets: channels to forecast; None = the first.
        split: shares for training, validation and test; None = 60/20/20. Only the first two are looked at.
        scaling: of the values, and what stands for a hole; None = as one should.
        training: options of gradient training.
        settings: arguments of the model, where `model` is a name or class.
        quantiles: levels to forecast of each value, 0.5 among them, for models trained by gradient: bounds are then
            as wide as the situation is unsure, where those of a point forecast are of one width.
        bounds: False = spare the pass over the validation part that measures what bounds rest on; there are none then.
        provenance: where the series came from, for the record; plain data.
        folder: run folder to write: a checkpoint after each epoch, and the run at the end. A fit that was cut off
            goes on from there when it is asked for again, and ends in the same bits. None = write nothing.

    Returns:
        A forecaster with the parameters of the best validation epoch, and with what its bounds rest on: the errors on
        the validation part, see `Calibration`; without a validation part it has no bounds.

    Raises:
        MismatchError: series and graph have different sensors.
        DataError: nothing observed in the training part, no window fits into it, or the folder cannot be written.
        UnknownNameError: no such model or setting; suggests the nearest.
        RunError: the folder holds the checkpoint of another fit, or one that is not readable.
    """
    training = training or Training()
    place = None if folder is None else check_folder(folder)
    with seeded(training.seed):
        prepared = prepare(
            series,
            graph,
            model,
            history=history,
            horizon=horizon,
            targets=targets,
            split=split,
            scaling=scaling,
            training=training,
            settings=settings,
            quantiles=quantiles,
            named=str((provenance or {}).get("series", "the series")),
        )
        if place is None:
            return trained(prepared, provenance, bounds=bounds)
        World.here().first(lambda: Plan.of(prepared, provenance, bounds=bounds).write(place))
        forecaster = trained(prepared, provenance, place / CHECKPOINT, bounds=bounds)
    finish(forecaster, place)
    return forecaster


def resume(folder: str | Path) -> Forecaster:
    """Go on with a fit that was cut off: on the same machine it ends in the same bits as one that was not.

    Args:
        folder: the run folder of the fit, which was given the provenance that `read_inputs` returns.

    Raises:
        RunError: nothing to go on with, or a file of the folder is altered; says which.
        DataError: series or graph came from no file, or their file is gone or was changed.
        UnknownNameError: the model is not of this library; ask for the same `fit` again instead.
    """
    plan = Plan.read(Path(folder))
    inputs = reopen_inputs(plan.provenance)
    return fit(
        inputs.series,
        inputs.graph,
        plan.model,
        history=plan.history,
        horizon=plan.horizon,
        targets=plan.targets,
        split=plan.split,
        scaling=plan.scaling,
        training=plan.training,
        settings=plan.settings,
        quantiles=plan.quantiles,
        bounds=plan.bounds,
        provenance=plan.provenance,
        folder=folder,
    )


def trained(
    prepared: Prepared,
    provenance: Mapping[str, Any] | None,
    checkpoint: Path | None = None,
    *,
    bounds: bool = True,
    beside: Sequence[Prepared] = (),
) -> Forecaster:
    """Train what is prepared, or go on from its checkpoint where that exists, and calibrate it for bounds.

    On the batches of others `beside` it, too: their networks teach its model, their models are left as they are.

    Raises:
        RunError: the checkpoint is of another training, or not readable; or another process is gone.
        DataError: training diverged, or the checkpoint cannot be written.
    """
    with World.here().watched():
        return _trained(prepared, provenance, checkpoint, bounds, beside)


def finish(forecaster: Forecaster, folder: Path) -> None:
    """Write the run, and forget that it was not finished; several processes go on when the first has done so."""

    def write() -> None:
        forecaster.save(folder)
        clear(folder)

    World.here().first(write)


def _trained(
    prepared: Prepared,
    provenance: Mapping[str, Any] | None,
    checkpoint: Path | None,
    bounds: bool,
    beside: Sequence[Prepared],
) -> Forecaster:
    from stgraph.training import train, train_closed  # noqa: PLC0415 - Lightning takes seconds to import

    model, scaler = prepared.model, prepared.target_scaler
    batches, validation = together(prepared, beside)
    if model.trained == "gradient":
        log = train(model, batches, validation, scaler, prepared.training, checkpoint=checkpoint)
    else:
        log = train_closed(model, batches, scaler)
    forecaster = forecaster_of(prepared, log, provenance)
    if not bounds:
        return forecaster
    found = calibrate(forecaster, prepared.series, batch_size=prepared.training.batch_size)
    return replace(forecaster, calibration=found)


def forecaster_of(
    prepared: Prepared, log: TrainingLog | None = None, provenance: Mapping[str, Any] | None = None
) -> Forecaster:
    """Return the forecaster of a model as it is now, without bounds."""
    latest = latest_window(prepared.series, prepared.model.task.history, 0)
    return Forecaster(
        prepared.model,
        prepared.graph,
        prepared.scaler,
        prepared.split,
        replace(latest, notes=()),  # they are about the whole series
        log or TrainingLog(),
        dict(provenance or {}),
        prepared.scaling,
        training=prepared.training,
        profile=prepared.profile,
    )
