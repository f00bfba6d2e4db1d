"""Stretches of steps, each small enough for any memory: how a series of any length is gone through."""

from collections.abc import Iterator

CELLS = 2**20
"""Values in a block: 4 MiB of float32, 8 MiB of float64."""


def blocks(first: int, last: int, cells: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches (first, past the last) that steps are cut into, of about `CELLS` values each.

    All but the last have a multiple of 8 steps, so that their bits fill whole bytes.

    Args:
        first: step to begin with.
        last: step to end before.
        cells: values in a step.

    >>> list(blocks(5, 40, 2**16))
    [(5, 21), (21, 37), (37, 40)]
    """
    size = steps_at_once(cells)
    for begin in range(first, last, size):
        yield begin, min(begin + size, last)


def steps_at_once(cells: int) -> int:
    """Return how many steps of so many values make a block.

    >>> steps_at_once(2**16)
    16
    """
    return max(CELLS // max(cells, 1) // 8, 1) * 8
