"""The tables say what the results say."""

import pytest

from benchmarks.tables import _truth


@pytest.mark.parametrize(
    ("rmse", "accuracy", "expected"),
    [
        ("5", "0.5", "8.18 to 12.22"),  # half a digit either way of both: 4.5 / 0.55 and 5.5 / 0.45
        ("5.0000", "0.5000", "10.00"),
        ("3.9994", "0.7249", "14.54"),
    ],
)
def test_the_truth_that_a_printed_row_implies_is_as_exact_as_its_digits(
    rmse: str, accuracy: str, expected: str
) -> None:
    assert _truth(rmse, accuracy) == expected
