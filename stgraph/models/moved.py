"""A trained model for another number of sensors, where nothing in it belongs to a single one."""

from dataclasses import replace

import torch

from stgraph.errors import MismatchError
from stgraph.models.base import ForecastModel
from stgraph.models.registry import build_model

SHOWN = 5


def moved(model: ForecastModel, sensors: int) -> ForecastModel:
    """Return a copy of a trained model, its parameters the same, for a network of so many sensors.

    Args:
        model: trained, `inductive`; is left as it is.
        sensors: of the other network, N.

    Raises:
        MismatchError: see `check_inductive`.

    >>> from stgraph.models import PatchNet, Task
    >>> moved(PatchNet(Task(sensors=207)), 325).task.sensors
    325
    """
    check_inductive(model)
    with torch.random.fork_rng():  # first parameters, which are not kept
        other = build_model(type(model), replace(model.task, sensors=sensors), model.settings)
    other.load_state_dict(model.state_dict())
    return other.eval()


def check_inductive(model: ForecastModel) -> None:
    """Check that a model works on sensors that it has never seen.

    What belongs to single sensors is found by building the model for one sensor more: those parameters grow.

    Raises:
        MismatchError: it does not; names the parameters that belong to single sensors.
    """
    sensors = model.task.sensors
    with torch.random.fork_rng():
        larger = build_model(type(model), replace(model.task, sensors=sensors + 1), model.settings).state_dict()
    own = [name for name, x in model.state_dict().items() if larger[name].shape != x.shape]
    if model.inductive and not own:
        return
    rest = f" and {len(own) - SHOWN} more" * (len(own) > SHOWN)
    reason = f"{', '.join(own[:SHOWN])}{rest} belong to single ones" if own else "it tells them apart"
    message = (
        f"{model.name} knows its own {sensors} sensors and cannot work on others: {reason}; "
        "expected an inductive model, such as patchnet (`stgraph models` says which are)"
    )
    raise MismatchError(message)
