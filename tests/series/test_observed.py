import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.series.observed import ObservedRule

VALUES = arrays(
    np.float32, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.floats(-3, 3, width=16) | st.just(np.nan)
)


@given(VALUES, st.lists(st.sampled_from([0.0, -1.0, 255.0, 0.1])))
def test_observed_is_what_is_neither_nan_nor_listed(values: np.ndarray, missing: list[float]) -> None:
    rule = ObservedRule(tuple(missing))
    listed = {np.float32(value).item() for value in missing}
    slow = [not (np.isnan(v) or v.item() in listed) for v in values.ravel()]
    assert rule.observed(values).ravel().tolist() == slow


def test_zero_is_a_value_unless_listed() -> None:
    zeros = np.zeros(3, np.float32)
    assert ObservedRule().observed(zeros).all()
    assert not ObservedRule((0,)).observed(zeros).any()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ((), "unobserved: empty cells"),
        ((0,), "unobserved: empty cells and 0"),
        ((0, 65535), "unobserved: empty cells, 0 and 65535"),
    ],
)
def test_the_rule_says_itself(missing: tuple[float, ...], sentence: str) -> None:
    assert str(ObservedRule(missing)) == ObservedRule(missing).describe() == sentence


def test_equal_rules_are_equal_however_written() -> None:
    assert ObservedRule((0,)) == ObservedRule((0.0,))
