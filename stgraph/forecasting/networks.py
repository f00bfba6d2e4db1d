"""`fit_networks`: one model trained on several networks at once, and a forecaster for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stgraph.errors import DataError, MismatchError, StgraphError
from stgraph.files import check_folder
from stgraph.forecasting.fit import trained
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.prepare import ModelChoice, Prepared, made, prepare, seeded, task_of
from stgraph.forecasting.scalers import pooled_scaler
from stgraph.forecasting.transfer import put_on
from stgraph.forecasting.unfinished import CHECKPOINT, clear
from stgraph.graph import SensorGraph
from stgraph.models import check_inductive, moved
from stgraph.patches import Window
from stgraph.series import Scaling, Split, TrafficSeries, converted
from stgraph.training import Training, World

Networks = Mapping[str, tuple[TrafficSeries, SensorGraph]]


def fit_networks(
    networks: Networks,
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
    provenance: Mapping[str, Mapping[str, Any]] | None = None,
    folder: str | Path | None = None,
) -> dict[str, Forecaster]:
    """Fit one model to several road networks of any size: all of them teach it, each gets a forecaster of its own.

    An epoch has the batches of all networks in one random order, `Training.blocks` patches in each, of whichever
    networks come next; the whole of a network counts as one patch, and a model that sees all of it has one a batch.
    Batches teach alike, and in a batch values do: with one patch a batch, a network counts by its windows, not by its
    sensors. Values are scaled by one mean and deviation of all training parts, and the epoch is chosen by the error
    over all validation parts; in both each value counts alike.

    Args:
        networks: by a name, series and graph; channels, interval and covariates the same. Values are converted to the
            units of the first network, which is also the unit of the error that the log tells.
        model: one that works on sensors it has never seen.
        history: steps in, T.
        horizon: steps out, H.
        targets: channels to forecast; None = the first of the first network.
        split: shares of each network for training, validation and test.
        scaling: of the values, and what stands for a hole.
        training: options of gradient training.
        settings: arguments of the model, where `model` is a name or class.
        quantiles: levels to forecast of each value.
        provenance: by the name of a network, where its series came from, for the record; plain data.
        folder: to write: a checkpoint after each epoch, and at the end a run folder for each network, called by its
            name. A training that was cut off goes on from there when it is asked for again. None = write nothing.

    Returns:
        By name, forecasters with the same parameters, each in the units and zone of its network, with bounds measured
        on its own validation part. Other networks than these: `Forecaster.on`.

    Raises:
        MismatchError: the model has parameters of single sensors, networks differ in more than their units, or series
            and graph in their sensors; names the network.
        DataError: no network, units that cannot be converted, or one of the errors of `fit`.
        UnknownNameError: no such model or setting.
        RunError: the folder holds the checkpoint of another training, or one that is not readable.

    >>> from stgraph.datasets import synthetic
    >>> north, south = (synthetic(days=2, seed=seed) for seed in (1, 2))
    >>> networks = {"north": (north.series, north.graph), "south": (south.series, south.graph)}
    >>> list(fit_networks(networks, "persistence"))
    ['north', 'south']
    """
    split, scaling, training = split or Split(), scaling or Scaling(), training or Training()
    place = None if folder is None else check_folder(folder)
    like = _first(networks)
    with seeded(training.seed):
        taught = made(model, task_of(like, history, horizon, targets, quantiles), settings)
        check_inductive(taught)
        alike = _alike(networks, like)
        names = list(alike)
        applied = (scaling.applied(series) for series, _ in alike.values())
        how: dict[str, Any] = {"history": history, "horizon": horizon, "targets": targets, "split": split}
        how |= {"scaling": scaling, "training": training, "quantiles": quantiles}
        how["scaler"] = pooled_scaler(applied, split, scaling, Window(history, horizon))

        def prepared(name: str, model: ModelChoice) -> Prepared:
            return prepare(*alike[name], model, named=f"network {name!r}", **how)

        first = prepared(names[0], lambda _: taught)
        others = [prepared(name, lambda task: moved(taught, task.sensors)) for name in names[1:]]
        found = trained(first, None, None if place is None else place / CHECKPOINT, beside=others)
    forecasters = {names[0]: found}
    for name, other in zip(names[1:], others, strict=True):
        (series, _), bounded = networks[name], found.calibration is not None
        forecasters[name] = put_on(found, other.graph, series, recalibrate=bounded, profile=other.profile)
    for name in names:
        known = {"series": f"network {name!r}"} | dict((provenance or {}).get(name, {}))
        forecasters[name] = replace(forecasters[name], provenance=known | {"together": names})
    if place is not None:
        _write(forecasters, place)
    return forecasters


def _write(forecasters: Mapping[str, Forecaster], folder: Path) -> None:
    """Write the runs, and forget the checkpoint; several processes go on when the first has done so."""

    def write() -> None:
        for name, each in forecasters.items():
            each.save(folder / name)
        clear(folder)

    World.here().first(write)


def _first(networks: Networks) -> TrafficSeries:
    """Return the series of the first network.

    Raises:
        DataError: there is none.
    """
    for series, _ in networks.values():
        return series
    message = "networks: expected at least one, found none"
    raise DataError(message)


def _alike(networks: Networks, like: TrafficSeries) -> Networks:
    """Return all networks with the channels and units of one, and graphs in the order of their series.

    Raises:
        DataError: units that cannot be converted.
        MismatchError: something else differs; names the network.
    """
    alike = {}
    for name, (series, graph) in networks.items():
        try:
            _check_form(series, like)
            alike[name] = (
                converted(series.select(channels=like.channels), like.units),
                graph.align(series.sensors),
            )
        except StgraphError as error:
            message = f"network {name!r}: {error}"
            raise type(error)(message) from error
    return alike


def _check_form(series: TrafficSeries, like: TrafficSeries) -> None:
    for what, wanted, found in (
        ("channels", sorted(like.channels), sorted(series.channels)),
        ("interval", like.interval, series.interval),
        ("covariates", like.covariate_names, series.covariate_names),
        ("holidays", _holidays(like), _holidays(series)),
    ):
        if wanted != found:
            message = f"expected {what} as of the first network, {wanted}, found {found}"
            raise MismatchError(message)


def _holidays(series: TrafficSeries) -> str:
    return "none" if series.country is None else "those of a country"
