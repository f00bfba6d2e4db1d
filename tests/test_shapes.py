"""One check for all shapes."""

import numpy as np
import pytest

from stgraph.errors import ShapeError
from stgraph.shapes import check_shape


def test_letters_take_what_they_find_and_keep_what_is_known() -> None:
    found = check_shape(np.zeros((4, 12, 7, 2)), "B T N C", name="signal", N=7)
    assert found == {"B": 4, "T": 12, "N": 7, "C": 2}


@pytest.mark.parametrize("shape", [(4, 15, 7, 3), (4, 15, 1, 3)])
def test_sums_alternatives_and_numbers(shape: tuple[int, ...]) -> None:
    assert check_shape(np.zeros(shape), "B T+H N|1 3", name="calendar", T=12, H=3, N=7)["B"] == 4


@pytest.mark.parametrize(("shape", "axes"), [((3, 4), "N N"), ((3,), "N C"), ((3, 3, 3), "N N"), ((2, 3), "N 4")])
def test_a_misfit_names_the_field_the_expected_and_the_found(shape: tuple[int, ...], axes: str) -> None:
    with pytest.raises(ShapeError) as error:
        check_shape(np.zeros(shape), axes, name="weights")
    assert "weights" in str(error.value)
    assert str(shape) in str(error.value)


def test_the_known_size_is_spelled() -> None:
    with pytest.raises(ShapeError, match=r"N=7"):
        check_shape(np.zeros((4, 6)), "B N", name="signal", N=7)
