"""Models by name: found in the namespace of `stgraph.models`, built with checked settings."""

import inspect
import math
import warnings
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.models.base import ForecastModel, Task


def catalogue(namespace: Mapping[str, object]) -> dict[str, type[ForecastModel]]:
    """Return every model class of a namespace by its name."""
    classes = (x for x in namespace.values() if isinstance(x, type) and issubclass(x, ForecastModel))
    return {cls.name: cls for cls in classes if not inspect.isabstract(cls)}


def find_model(name: str) -> type[ForecastModel]:
    """Return the model class of a name.

    Raises:
        UnknownNameError: no such model; suggests the nearest.
    """
    from stgraph.models import MODELS  # noqa: PLC0415 - made from the namespace that imports this file

    if name not in MODELS:
        raise UnknownNameError.of("model", name, MODELS)
    return MODELS[name]


def build_model(model: type[ForecastModel], task: Task, settings: Mapping[str, Any] | None = None) -> ForecastModel:
    """Build a model; settings are checked against its constructor, and text is read as the type it asks for.

    Args:
        model: the class.
        task: what to forecast.
        settings: arguments of the constructor; values may be text, as a command line gives them.

    Raises:
        UnknownNameError: an argument the model does not have; suggests the nearest.
        DataError: a value that is not of the argument's type, or that no such model can be built with.
    """
    hints = get_type_hints(model.__init__)
    valid = [name for name in inspect.signature(model.__init__).parameters if name not in ("self", "task")]
    chosen = {}
    for name, value in (settings or {}).items():
        if name not in valid and not valid:
            message = f"{model.name} has no settings, found {name!r}"
            raise UnknownNameError(message)
        if name not in valid:
            raise UnknownNameError.of(f"setting of {model.name}", name, valid)
        chosen[name] = _read(name, value, hints[name]) if isinstance(value, str) else value
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Initializing zero-element tensors")  # what PyTorch says of a width of 0
            return model(task, **chosen)
    except StgraphError:
        raise
    except (ValueError, RuntimeError, ZeroDivisionError, UserWarning) as error:
        given = ", ".join(f"{name}={value}" for name, value in chosen.items()) or "its defaults"
        message = f"{model.name}: expected settings that a model can be built with, found {given} ({_reason(error)})"
        raise DataError(message) from error


def _reason(error: Exception) -> str:
    """Return the first line of an error; PyTorch adds its C++ frames."""
    return str(error).partition("\n")[0]


def _read(name: str, text: str, kind: Any) -> Any:  # noqa: ANN401 - a type hint, and a value of it
    options = get_args(kind) or (kind,)
    if type(None) in options and text.lower() == "none":
        return None
    if bool in options and text.lower() in ("true", "false"):
        return text.lower() == "true"
    for option in (int, float, str):
        if option in options:
            try:
                value = option(text)
            except ValueError:
                continue
            if not isinstance(value, float) or math.isfinite(value):
                return value
    spelled = " or ".join(getattr(option, "__name__", str(option)) for option in options)
    message = f"setting {name}: expected {spelled}, found {text!r}"
    raise DataError(message)
