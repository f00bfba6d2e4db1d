"""How much memory a training step takes, counted tensor by tensor on any device."""

import copy
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from stgraph.training.options import Precision
from stgraph.training.timing import steps_of


def footprint(model: ForecastModel, batch: PatchBatch, *, precision: Precision = "32") -> int:
    """Return the bytes of all tensors there are at the peak of one training step: forward, backward and Adam.

    The step is taken, on this processor and on a copy of the model; what operations use inside is not counted.

    Args:
        model: trained by gradient; is left as it is.
        batch: with its target.
        precision: "32", or "bf16" (automatic mixed precision).
    """
    alive = Alive()
    with torch.random.fork_rng(), alive:
        copied = copy.deepcopy(model)
        alive.note([*copied.parameters(), *copied.buffers(), batch.signal, batch.observed, batch.target])
        steps_of(copied, batch, precision=precision)[1]()
    return alive.peak


class Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of tensors that operations make, until they are gone."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        _: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the operation returns
        """Do an operation, and count what it made."""
        out = func(*args, **(kwargs or {}))
        self.note(tree_leaves(out))
        return out

    def note(self, tensors: Sequence[Any]) -> None:
        """Count what is not yet."""
        for x in tensors:
            if isinstance(x, Tensor) and x.layout == torch.strided:
                storage = x.untyped_storage()
                place, size = storage.data_ptr(), storage.nbytes()
                if size and place not in self._known:
                    self._known.add(place)
                    self.now += size
                    weakref.finalize(storage, self._forget, place, size)
        self.peak = max(self.peak, self.now)

    def _forget(self, place: int, size: int) -> None:
        self._known.discard(place)
        self.now -= size
