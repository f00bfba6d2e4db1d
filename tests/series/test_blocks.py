from hypothesis import given
from hypothesis import strategies as st

from stgraph.series.blocks import CELLS, blocks


@given(st.integers(0, 100), st.integers(0, 10**5), st.integers(0, 2 * CELLS))
def test_blocks_hold_every_step_once_and_in_order_and_none_is_large(first: int, count: int, cells: int) -> None:
    found = list(blocks(first, first + count, cells))
    assert [a for a, _ in found] == ([first] + [b for _, b in found])[: len(found)]
    assert found[-1][1] == first + count if count else not found
    assert all((b - a) % 8 == 0 for a, b in found[:-1])
    assert all((b - a) * cells <= max(CELLS, 8 * cells) for a, b in found)
