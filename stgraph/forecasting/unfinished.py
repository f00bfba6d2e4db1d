"""A fit that is not finished: what was begun, in `fit.json`, beside the checkpoint of its last whole epoch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stgraph.errors import DataError, RunError
from stgraph.files import written_whole
from stgraph.forecasting.prepare import Prepared
from stgraph.series import Scaling, Split
from stgraph.training import Training

PLAN, CHECKPOINT, FINISHED = "fit.json", "checkpoint.safetensors", "run.json"
FORMAT = 1


@dataclass(frozen=True)
class Plan:
    """What a fit was asked for: plain data, with which it can be asked for again.

    Args:
        model: its name.
        settings: its arguments, all of them.
        history: steps in.
        horizon: steps out.
        targets: channels to forecast.
        split: of the series.
        scaling: of its values.
        training: options of gradient training.
        provenance: where series and graph came from.
        quantiles: levels forecast of each value.
        bounds: whether what bounds rest on is measured.
    """

    model: str
    settings: dict[str, Any]
    history: int
    horizon: int
    targets: tuple[str, ...]
    split: Split
    scaling: Scaling
    training: Training
    provenance: dict[str, Any]
    quantiles: tuple[float, ...] = ()
    bounds: bool = True

    @classmethod
    def of(cls, prepared: Prepared, provenance: Mapping[str, Any] | None, *, bounds: bool = True) -> "Plan":
        """Return the plan by which `prepared` was made."""
        model, task = prepared.model, prepared.model.task
        return cls(
            model=model.name,
            settings=model.settings,
            history=task.history,
            horizon=task.horizon,
            targets=tuple(prepared.series.channels[c] for c in task.targets),
            split=prepared.split,
            scaling=prepared.scaling,
            training=prepared.training,
            provenance=dict(provenance or {}),
            quantiles=task.quantiles,
            bounds=bounds,
        )

    def write(self, folder: Path) -> None:
        """Write ``fit.json``.

        Raises:
            RunError: settings or a provenance that are no plain data.
            DataError: the folder cannot be written.
        """
        try:
            text = json.dumps({"format": FORMAT} | asdict(self), indent=1)
        except TypeError as error:
            message = f"{folder}: settings of the model and provenance must be numbers, text, bool or None ({error})"
            raise RunError(message) from error
        with written_whole(folder / PLAN) as temporary:
            temporary.write_text(text + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """Read ``fit.json``.

        Raises:
            RunError: the folder holds nothing to go on with, or the file is altered; says which.
        """
        path = folder / PLAN
        if not path.exists():
            state = "its fit is finished" if (folder / FINISHED).exists() else f"it holds no {PLAN}"
            message = f"{folder}: nothing to resume: {state}; begin a fit with `stgraph fit --output`"
            raise RunError(message)
        try:
            facts = json.loads(path.read_text())
            if facts.pop("format", None) != FORMAT:
                message = f"expected a fit of format {FORMAT}"
                raise DataError(message)
            how = {
                "split": Split(**facts["split"]),
                "scaling": Scaling(**facts["scaling"]),
                "training": Training(**facts["training"]),
            }
            lists = {"targets": tuple(facts["targets"]), "quantiles": tuple(facts.get("quantiles", ()))}
            return cls(**facts | how | lists)
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"{path}: not a fit of this library, or altered ({type(error).__name__}: {error})"
            raise RunError(message) from error


def check_free(folder: str | Path) -> Path:
    """Return a folder that holds no unfinished fit.

    Raises:
        RunError: it does; says how far the fit is and what to do.
    """
    folder = Path(folder)
    plan, checkpoint = folder / PLAN, folder / CHECKPOINT
    if plan.exists() and checkpoint.exists():
        message = (
            f"{folder} holds an unfinished fit ({progress(folder)}): continue with `stgraph fit --resume {folder}`, "
            f"or choose another --output, or delete {checkpoint}"
        )
        raise RunError(message)
    return folder


def progress(folder: str | Path) -> str:
    """Say how far the unfinished fit of a folder is.

    Raises:
        RunError: the folder holds none, or a file of it is not readable.
    """
    from stgraph.training import epochs_done  # noqa: PLC0415 - Lightning takes seconds to import

    plan, checkpoint = Plan.read(Path(folder)), Path(folder) / CHECKPOINT
    done = epochs_done(checkpoint) if checkpoint.exists() else 0
    return f"epoch {done} of {plan.training.epochs} done"


def clear(folder: Path) -> None:
    """Forget an unfinished fit, now that it is finished."""
    for name in (PLAN, CHECKPOINT):
        (folder / name).unlink(missing_ok=True)
