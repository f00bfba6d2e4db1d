"""What is scored: the windows of a part under a protocol, each with what the model sees and what was measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from stgraph.errors import DataError
from stgraph.evaluation.protocol import Protocol
from stgraph.forecasting import Forecaster
from stgraph.patches import PatchBatch, PatchLoader, Placed
from stgraph.series import Part, TrafficSeries


@dataclass(frozen=True, eq=False)
class Scored:
    """The batches of one forecaster: it sees what it was fitted to see, and the protocol says what counts.

    Args:
        shown: what the forecaster sees, with its own targets.
        measured: the same windows with the targets of the protocol; None = they are the forecaster's own.
    """

    shown: PatchLoader
    measured: PatchLoader | None = None

    @classmethod
    def of(
        cls,
        forecaster: Forecaster,
        series: TrafficSeries,
        part: Part,
        protocol: Protocol | None = None,
        batch_size: int = 64,
    ) -> "Scored":
        """Return the windows of a part, of the forecaster's own split or under a protocol.

        Raises:
            DataError: no window fits the part, or none is left of a last incomplete batch.
            MismatchError: the series differs from what the forecaster was fitted on.
        """
        if protocol is None:
            return cls(_loader(forecaster, series, part, None, batch_size))
        viewed = replace(forecaster, split=protocol.split)
        shown = _loader(viewed, series, part, protocol.whole_batches, batch_size)
        zeros = protocol.scaling.zeros_are_values
        if zeros == forecaster.scaling.zeros_are_values:
            return cls(shown)
        truth = replace(viewed, scaling=replace(forecaster.scaling, zeros_are_values=zeros))
        return cls(shown, _loader(truth, series, part, protocol.whole_batches, batch_size))

    @property
    def placed(self) -> Placed:
        """Where the windows stand."""
        return self.shown.placed

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.shown)

    def __iter__(self) -> Iterator[PatchBatch]:
        """Yield the batches in the order of time."""
        if self.measured is None:
            yield from self.shown
            return
        for batch, truth in zip(self.shown, self.measured, strict=True):
            yield replace(batch, target=truth.target, target_observed=truth.target_observed)


def _loader(
    forecaster: Forecaster, series: TrafficSeries, part: Part, whole_batches: int | None, batch_size: int
) -> PatchLoader:
    try:
        loader = forecaster.batches(series, part, batch_size=batch_size)
    except DataError as error:
        message = f"the {part} part of the series: {error}"
        raise DataError(message) from error
    if whole_batches is not None:
        count = len(loader.placed) // whole_batches * whole_batches
        if not count:
            message = f"the {part} part of the series: expected {whole_batches} windows, found {len(loader.placed)}"
            raise DataError(message)
        loader.placed = loader.placed.take(np.arange(count))
    return loader


def with_bar(batches: Scored, label: str) -> Iterable[PatchBatch]:
    """Return the batches, with a progress bar where standard error is a terminal."""
    from rich.console import Console  # noqa: PLC0415 - only what draws needs it
    from rich.progress import track  # noqa: PLC0415 - likewise

    console = Console(stderr=True)
    return track(batches, label, console=console, transient=True) if console.is_terminal else batches
