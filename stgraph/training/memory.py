"""Memory that stays with the process from one step to the next, and the most that it ever had."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4  # the numbers of <malloc.h>
MIB = 2**20


@contextmanager
def memory_kept() -> Iterator[None]:
    """Keep freed memory for the next allocation; at the end, give it back.

    glibc maps every buffer above 32 MiB anew and hands it back when it is freed. A training step allocates the same
    buffers as the one before, so that the system zeroes the same pages again and again. Elsewhere nothing changes.
    """
    try:
        library = ctypes.CDLL(None)
        mallopt, trim = library.mallopt, library.malloc_trim
    except (AttributeError, OSError, TypeError):
        yield
        return
    mallopt(MMAP_MAX, 0)
    mallopt(TRIM_THRESHOLD, -1)
    try:
        yield
    finally:
        mallopt(MMAP_MAX, 65536)
        mallopt(MMAP_THRESHOLD, 32 * MIB)  # where glibc's own adjustment ends, which is off once these are set
        mallopt(TRIM_THRESHOLD, 64 * MIB)
        trim(0)


def peak_memory(device: torch.device | str = "cpu") -> int | None:
    """Return the most bytes held at once: on a GPU by tensors, else by this process since it began; None = not known.

    Args:
        device: what the work ran on.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there is at least what the parent had when it started this process
        marks = [line.split() for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if marks:
            return 1024 * int(marks[0][1])
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes there, KiB elsewhere
