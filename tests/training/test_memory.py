"""Memory kept: the next buffer needs no new pages, and the process gives all of it back in the end."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from stgraph.training import memory_kept, peak_memory

SIZE = 64 * 2**20  # bytes, above every threshold of glibc's own
WORK = f"""
import resource, torch
from pathlib import Path
from stgraph.training import memory_kept, peak_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

def faults(times=4):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        torch.empty({SIZE}, dtype=torch.uint8).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

torch.zeros(1)
start = resident()
print(faults())
with memory_kept():
    print(min(faults() for _ in range(3)), resident() - start)
print(resident() - start)
"""


def _has_glibc() -> bool:
    maps = Path("/proc/self/maps")
    return maps.exists() and "libc.so.6" in maps.read_text()


@pytest.mark.skipif(not _has_glibc(), reason="only glibc gives memory back so")
def test_within_it_the_same_pages_serve_again_and_after_it_they_are_free() -> None:
    out = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True).stdout
    without, kept, held, after = map(int, out.split())
    assert kept < without
    assert held > SIZE / 2
    assert after < SIZE / 2


def test_the_peak_holds_what_is_already_free_again() -> None:
    before = peak_memory()
    torch.ones(2**28)  # a gibibyte, more than tests hold
    after = peak_memory()
    assert before is not None
    assert after is not None
    assert after >= max(before, 2**30)
    assert peak_memory() == after


def test_it_changes_no_result_and_lets_errors_through() -> None:
    one = torch.arange(10.0)
    with memory_kept():
        assert torch.equal(one * 2, torch.arange(0, 20, 2.0))
    with pytest.raises(KeyError), memory_kept():
        raise KeyError


def test_the_peak_is_that_of_this_process_and_not_what_its_parent_had() -> None:
    work = "import torch; from stgraph.training import peak_memory; before = peak_memory()\n"
    work += f"torch.empty({2 * SIZE}, dtype=torch.uint8).fill_(1); print(before, peak_memory())"
    kept = torch.empty(10 * SIZE, dtype=torch.uint8).fill_(1)
    out = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True).stdout
    before, after = map(int, out.split())
    held = peak_memory()
    assert held is not None
    assert held > kept.nbytes
    assert before + 1.9 * SIZE < after < kept.nbytes
