"""The processes that train one model together, as ``torchrun`` started them: which this one is, and their few words."""

import atexit
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from stgraph.errors import RunError, StgraphError

if TYPE_CHECKING:
    from torch import Tensor

Answer = TypeVar("Answer")
PATIENCE = timedelta(days=7)
"""How long processes wait for what the first does alone; one that is gone is noticed at once all the same."""


@dataclass(frozen=True)
class World:
    """All processes of a training, and which of them this one is; without ``torchrun`` it is alone.

    What processes do together, each of them must ask for, in the same order.

    Args:
        size: processes, on all machines.
        rank: of this one, 0 to size - 1. The first one alone writes files and speaks.
        on_machine: processes on this machine.
    """

    size: int = 1
    rank: int = 0
    on_machine: int = 1

    @classmethod
    def here(cls) -> "World":
        """Return the world that the environment tells of (``TORCHELASTIC_RUN_ID``, ``WORLD_SIZE``, ``RANK``...).

        >>> World.here()
        World(size=1, rank=0, on_machine=1)
        """
        if "TORCHELASTIC_RUN_ID" not in os.environ:
            return cls()
        return cls(*(int(os.environ[name]) for name in ("WORLD_SIZE", "RANK", "LOCAL_WORLD_SIZE")))

    @property
    def share(self) -> int | None:
        """Which share of each batch is that of this process; None = it is alone, and has all."""
        return self.rank if self.size > 1 else None

    def first(self, act: Callable[[], Answer]) -> Answer:
        """Let the first process alone do something, while the others wait; all return its answer, or raise its error.

        >>> World().first(lambda: 6 * 7)
        42
        """
        if self.size == 1:
            return act()
        import torch.distributed as dist  # noqa: PLC0415 - the command line asks who it is before it needs torch

        told: list[Any] = [None, None]
        if self.rank == 0:
            try:
                told[0] = act()
            except (StgraphError, OSError) as error:
                told[1] = error
        dist.broadcast_object_list(told, src=0, group=_patient())
        if told[1] is not None:
            raise told[1]
        answer: Answer = told[0]
        return answer

    def summed(self, x: "Tensor") -> "Tensor":
        """Add a tensor up over all processes, in place, and return it."""
        if self.size > 1:
            import torch.distributed as dist  # noqa: PLC0415 - as above

            _patient()
            dist.all_reduce(x)
        return x

    def gathered(self, x: "Tensor") -> "Tensor":
        """Return the tensors of all processes, of one shape and on the CPU, one after the other: (size * n, ...)."""
        if self.size == 1:
            return x
        import torch  # noqa: PLC0415 - as above
        import torch.distributed as dist  # noqa: PLC0415 - as above

        found = [torch.empty_like(x) for _ in range(self.size)]
        dist.all_gather(found, x, group=_patient())
        return torch.cat(found)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Say what happened where another process is gone.

        Raises:
            RunError: it is.
        """
        try:
            yield
        except RuntimeError as error:  # gloo knows no other; NCCL's is one of these
            if self.size == 1 or not any(word in str(error).lower() for word in ("gloo", "nccl", "peer")):
                raise
            reason = " ".join(str(error).split())
            message = (
                f"another of the {self.size} processes ended, or cannot be reached ({reason:.200}); what that one said "
                "tells why. Ask for the same fit again, with as many processes: with a run folder it goes on after the "
                "last whole epoch"
            )
            raise RunError(message) from error


@cache
def _patient() -> Any:  # noqa: ANN401 - a ProcessGroup, which torch does not have on every system
    """Join the other processes, once; return the group of those that wait for each other for long."""
    import torch.distributed as dist  # noqa: PLC0415 - as above

    if not dist.is_initialized():  # gloo for what is on processors, NCCL for what is on GPUs
        import torch.distributed.nn.functional  # noqa: PLC0415, F401 - imported later, its defaults keep the group

        dist.init_process_group()
        atexit.register(_leave)
    return dist.new_group(backend="gloo", timeout=PATIENCE)


def _leave() -> None:
    """Leave the other processes, and end the threads that spoke with them.

    They end with the last that refers to their group. One that lives on while Python ends, and then asks for what
    belongs to Python, can take the process with it: "terminate called without an active exception".
    """
    import torch.distributed as dist  # noqa: PLC0415 - as above

    dist.destroy_process_group()
    _patient.cache_clear()
    gc.collect()  # trainers and what wraps a model stand in circles
