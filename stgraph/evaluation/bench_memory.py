"""Whether a training fits into memory: asked first, since a system without any left ends whatever it likes."""

from stgraph.errors import DataError
from stgraph.forecasting.divide import HELD, SHARE, free_memory
from stgraph.forecasting.prepare import Prepared

FEW, MORE = 2, 6
"""Windows of the two steps by which memory is estimated: it grows with their number."""


def check_memory(prepared: Prepared) -> None:
    """Check that a training step takes no more of the memory that is free now than `fit` allows patches.

    Raises:
        DataError: they take more; says how much, and what is free.
    """
    needed, free = step_bytes(prepared), free_memory(prepared.training)
    if needed > SHARE * free:
        size = prepared.training.batch_size
        message = (
            f"{prepared.model.name}: a step of {size} windows takes some {needed / 2**30:.1f} GiB, expected at most "
            f"{SHARE:.0%} of the {free / 2**30:.1f} that are free: fewer windows in a batch take less"
        )
        raise DataError(message)


def step_bytes(prepared: Prepared) -> float:
    """Return the bytes by which a training step makes the process grow, from the tensors of two on a few windows."""
    from stgraph.training import footprint  # noqa: PLC0415 - Lightning takes seconds to import

    loader, windows = prepared.batches.of_largest(), min(prepared.training.batch_size, len(prepared.batches.placed))

    def taken(count: int) -> int:
        loader.batch_size = count
        return footprint(prepared.model, next(iter(loader)), precision=prepared.training.precision)

    few, more = taken(FEW), taken(MORE)
    return HELD * (few + (more - few) / (MORE - FEW) * (windows - FEW))
