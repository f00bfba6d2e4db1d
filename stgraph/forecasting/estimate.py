"""What a fit will cost, measured on its first batches before it is begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from stgraph.forecasting.calibrate import rehearse
from stgraph.forecasting.fit import forecaster_of
from stgraph.forecasting.prepare import ModelChoice, Prepared, prepare, seeded
from stgraph.graph import SensorGraph
from stgraph.patches import PatchLoader, Window
from stgraph.series import Part, Scaling, Split, TrafficSeries
from stgraph.training import Training

MIXED = 8
"""Steps taken on patches of any size, where there are several: a process comes to hold more than one of each size."""


@dataclass(frozen=True)
class Estimate:
    """What a fit will cost.

    Args:
        model: its name.
        trained: by gradient, in closed form or not at all.
        parameters: numbers that it learns.
        windows: of each part of the split.
        batch: what one of training has.
        batches: of training in one epoch.
        validation_batches: in one epoch.
        epochs: at most; 1 for what is not trained by gradient.
        epoch_seconds: of one epoch with its validation, from the median of a few batches of each.
        validation_seconds: of them, those of the validation.
        memory: bytes at the peak: of the whole process, what follows the training included, or on a GPU what was
            allocated there; None = not known.
        device: what it was measured on, "cpu" or "cuda".
    """

    model: str
    trained: str
    parameters: int
    windows: dict[Part, int]
    batch: str
    batches: int
    validation_batches: int
    epochs: int
    epoch_seconds: float
    validation_seconds: float
    memory: int | None
    device: str

    def describe(self) -> dict[str, str]:
        """Return the facts, spelled out."""
        resident = "resident in this process, with libraries and series"
        where = resident if self.device == "cpu" else "allocated on the GPU"
        memory = "not known" if self.memory is None else f"{self.memory / 2**20:,.0f} MiB {where}"
        batches, time = f"{self.batches:,}, in one pass", f"about {_seconds(self.epoch_seconds)} on this {self.device}"
        if self.trained == "gradient":
            whole = timedelta(seconds=round(self.epoch_seconds * self.epochs))
            batches = f"{self.batches:,} of training and {self.validation_batches:,} of validation an epoch"
            time += f" an epoch; {whole} (h:mm:ss) for {self.epochs} epochs, if none is spared by early stopping"
        return {
            "model": f"{self.model}, trained: {self.trained.replace('_', ' ')}",
            "parameters": f"{self.parameters:,}",
            "windows": ", ".join(f"{part} {count:,}" for part, count in self.windows.items()),
            "a batch": self.batch,
            "batches": batches,
            "peak memory": memory,
            "time": time,
        }


def estimate(
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
    provenance: Mapping[str, Any] | None = None,
) -> Estimate:
    """Take a few real steps of all that `fit` would do, the largest ones, and tell what the whole will cost.

    Nothing is written. Arguments and errors are those of `fit`.
    """
    training = training or Training()
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
        return _measured(prepared)


def _measured(prepared: Prepared) -> Estimate:
    from stgraph.training import measure, measure_closed, peak_memory  # noqa: PLC0415 - Lightning takes seconds to import

    model, batches, validation = prepared.model, prepared.batches, prepared.validation
    gradient = model.trained == "gradient"
    if gradient:
        scaler, training = prepared.target_scaler, prepared.training
        largest = batches.of_largest(), None if validation is None else validation.of_largest()
        found = measure(model, *largest, scaler, training)
        if len(batches.patches) > batches.blocks:  # of other sizes, too: each leaves pieces of memory of its own
            measure(model, batches, None, scaler, training, count=MIXED)
    else:
        found = measure_closed(model, batches, prepared.target_scaler)
    if found.device.type == "cpu":  # elsewhere calibration takes nothing
        model.to("cpu").eval()
        rehearse(forecaster_of(prepared), prepared.series, batch_size=prepared.training.batch_size)
    count = prepared.training.batches_of(len(batches)) if gradient else len(batches)
    checks = 0 if validation is None else len(validation)
    window = Window(model.task.history, model.task.horizon)
    learned = model.parameters() if gradient else model.buffers()
    return Estimate(
        model=model.name,
        trained=model.trained,
        parameters=sum(x.numel() for x in learned),
        windows={part: len(window.place_part(prepared.series, prepared.split, part)) for part in get_args(Part)},
        batch=_spell_batch(batches),
        batches=count,
        validation_batches=checks,
        epochs=prepared.training.epochs if gradient else 1,
        epoch_seconds=count * found.step + checks * found.validation + found.once,
        validation_seconds=checks * found.validation,
        memory=peak_memory(found.device),
        device=found.device.type,
    )


def _spell_batch(loader: PatchLoader) -> str:
    """Say what is in a batch of a loader."""
    windows, patches = f"{min(loader.batch_size, len(loader.placed))} windows", loader.patches
    if len(patches) == 1:
        return f"{windows} of the whole graph, {len(patches[0]):,} sensors"
    sensors, halo = len(loader.resident.values[0]), sum(map(len, patches))
    each = f"{sensors / len(patches):,.0f} sensors and a halo of {(halo - sensors) / len(patches):,.0f}"
    return f"{windows} of {loader.blocks} of {len(patches):,} patches, each of some {each}"


def _seconds(time: float) -> str:
    """Spell seconds with two digits that mean something.

    >>> _seconds(0.0123), _seconds(217.3)
    ('0.012 s', '217 s')
    """
    return f"{time:.0f} s" if time >= 10 else f"{time:.2g} s"
