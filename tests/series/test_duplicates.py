from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.duplicates import Duplicates, known_rule, merged

NUMBER = st.sampled_from([0.0, 1.0, 2.0, None])
ROWS = st.lists(st.tuples(st.integers(0, 3), NUMBER, NUMBER), min_size=1, max_size=9)


def merge(
    rows: list[tuple[int, float | None, float | None]], rule: Duplicates | None
) -> tuple[list[int], list[list[float]], tuple[str, ...]]:
    keys = np.array([row[0] for row in rows], dtype=np.intp)
    cells = np.array([[np.nan if x is None else x for x in row[1:]] for row in rows], dtype=np.float32)
    kept, settled, notes = merged(
        keys, cells, rule, columns=["v", "q"], shared=lambda k: f"key {keys[k]}", where=lambda k: f"a.csv, line {k}"
    )
    return kept.tolist(), settled.tolist(), notes


@given(ROWS, st.sampled_from([None, *get_args(Duplicates)]))
def test_one_row_of_each_key_is_kept_as_a_loop_finds_it(
    rows: list[tuple[int, float | None, float | None]], rule: Duplicates | None
) -> None:
    groups: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        groups.setdefault(row[0], []).append(k)
    seen = {key: [[v for k in ks if (v := rows[k][c]) is not None] for c in (1, 2)] for key, ks in groups.items()}
    if rule is None and any(len(set(values)) > 1 for columns in seen.values() for values in columns):
        with pytest.raises(DataError, match=r"^a\.csv, line \d: key \d repeats line \d with another value in column"):
            merge(rows, rule)
        return
    kept, settled, notes = merge(rows, rule)
    assert kept == [ks[0] for ks in groups.values()]
    for found, columns in zip(settled, seen.values(), strict=True):
        for value, values in zip(found, columns, strict=True):
            slow = np.mean(values) if rule == "mean" and values else (values or [np.nan])[-1 if rule == "last" else 0]
            assert value == pytest.approx(slow, nan_ok=True)
    assert bool(notes) == any(len(values) > 1 for columns in seen.values() for values in columns)


def test_the_error_names_both_rows_and_both_values() -> None:
    rows: list[tuple[int, float | None, float | None]] = [(0, 1.0, None), (1, 2.0, 3.0), (0, 1.0, 4.0), (1, None, 3.7)]
    words = "a.csv, line 3: key 1 repeats line 1 with another value in column 'q', 3 there and 3.7 here; say which "
    words += 'counts, duplicates="mean", "first" or "last" (--duplicates)'
    with pytest.raises(DataError) as caught:
        merge(rows, None)
    assert str(caught.value) == words


def test_a_note_says_what_was_done() -> None:
    same, other = (0, 1.0, 2.0), (1, 1.0, 2.0)
    assert merge([same, other], None)[2] == ()
    assert merge([same, other, same], "mean")[2] == ("line 2: key 0 repeats line 0 with the same values: kept once",)
    kept, settled, notes = merge([same, other, same, (1, 3.0, None)], "mean")
    assert (kept, settled) == ([0, 1], [[1, 2], [2, 2]])
    assert notes == ("line 3: key 1 repeats line 1 with another value: the mean counts, and 1 more like it",)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        known_rule("maen")  # type: ignore[arg-type]
    assert known_rule("first") == "first"
