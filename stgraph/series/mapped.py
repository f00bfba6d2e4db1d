"""Pages of mapped files that have been read: given back, so that a series of any length takes little memory."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def let_go(*arrays: NDArray[Any] | None) -> None:
    """Take what was read of mapped files out of this process; where it is needed again, the system finds it again.

    The system would do so by itself once memory is scarce. Until then all that was ever read counts as memory of this
    process, which hides what the process really needs, and is taken by limits as if it were needed. The pages stay
    cached, so that to read them again costs no reading from the disk, unless memory is scarce indeed.

    Args:
        arrays: those that are no read-only memory maps are left alone, and so is everything on Windows.
    """
    advice = getattr(mmap, "MADV_DONTNEED", None)
    for array in arrays:
        if advice is not None and isinstance(array, np.memmap) and array.mode == "r":
            mapped: mmap.mmap = array._mmap  # type: ignore[attr-defined]  # noqa: SLF001 - NumPy has no other way to it
            mapped.madvise(advice)
