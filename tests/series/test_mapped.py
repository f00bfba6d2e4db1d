"""What is let go is no longer in memory, and still there."""

import mmap
import re
from pathlib import Path

import numpy as np
import pytest

from stgraph.series.mapped import let_go

SIZE = 2**24  # numbers, 64 MiB


def resident_of(path: Path) -> int:
    """Bytes of a mapped file that are in this process."""
    maps = Path("/proc/self/smaps").read_text()
    pieces = re.findall(rf"{re.escape(str(path))}\n.*?Rss:\s+(\d+) kB", maps, re.DOTALL)
    return 1024 * sum(map(int, pieces))


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="this system takes no such advice")
def test_what_is_let_go_is_not_in_memory_and_reads_as_before(tmp_path: Path) -> None:
    path = tmp_path / "values.npy"
    np.save(path, np.arange(SIZE, dtype=np.float32))
    array = np.load(path, mmap_mode="r")
    part = array[SIZE // 2 :].reshape(-1, 2)
    before = float(array.sum(dtype=np.float64))
    if Path("/proc/self/smaps").exists():
        assert resident_of(path) > 3 * SIZE
    let_go(part)
    if Path("/proc/self/smaps").exists():
        assert resident_of(path) < SIZE / 100
    assert float(array.sum(dtype=np.float64)) == before


def test_what_was_written_to_a_private_map_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "values.npy"
    np.save(path, np.zeros(5000))
    private = np.load(path, mmap_mode="c")
    private[:] = 7
    let_go(private, np.ones(3), None)
    assert (private == 7).all()
