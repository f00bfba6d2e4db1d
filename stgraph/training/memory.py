"""Memory that stays with the process from one step to the next."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

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
