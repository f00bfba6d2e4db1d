"""Memory of this process: the most that it held, and what stays with it from one step to the next."""

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def peak_resident() -> int | None:
    """Return the most bytes that this process has held in memory since it began; None where the system does not say.

    Pages of a mapped file count while they are in memory, although the system may take them back at any time.
    """
    status = Path("/proc/self/status")
    said = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE) if status.exists() else None
    if said is not None:  # `ru_maxrss` of a process that was forked begins with that of its parent
        return 1024 * int(said[1])
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # bytes there, KiB elsewhere
