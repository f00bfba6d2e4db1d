import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.decimals import CommaInNumberError, Evidence, Style, looks_numeric, numbers_in, plain_numbers

NUMBERS = st.integers(-(10**9), 10**9).map(lambda n: n / 100)
STYLES: st.SearchStrategy[Style] = st.sampled_from(["point", "comma"])


def written(number: float, style: Style, *, apart: bool) -> str:
    text = f"{number:,.2f}" if apart else f"{number:.2f}"
    return text if style == "point" else text.translate(str.maketrans(",.", ".,"))


def evidence(*cells: str) -> Evidence:
    seen = Evidence()
    for k, cell in enumerate(cells):
        seen([cell], ["a"], f"line {k + 2}")
    return seen


@given(st.lists(NUMBERS, min_size=1), STYLES, st.booleans())
def test_numbers_are_read_in_the_way_they_are_written(numbers: list[float], style: Style, apart: bool) -> None:
    cells = [written(number, style, apart=apart) for number in numbers]
    assert evidence(*cells).style() == style
    assert numbers_in(style)(cells, ["a"] * len(cells), "line 2") == numbers


@given(st.text(list("0123456789.,-+eE ")), STYLES)
def test_a_text_has_a_value_or_is_refused_by_its_place(text: str, style: Style) -> None:
    try:
        (number,) = numbers_in(style)([text], ["a"], "line 2")
    except DataError as error:
        assert str(error).startswith("line 2, column 'a': expected a number")  # noqa: PT017 - either outcome is right
    else:
        assert np.isnan(number) == (text.strip() in {"", "-", "--"})


def test_a_comma_alone_asks_for_the_whole_file() -> None:
    assert plain_numbers(["61.5", "", " - ", "#N/A"], list("abcd"), "line 2")[0] == 61.5
    for cell in ("61,5", "1,234", "1.234,5"):
        with pytest.raises(CommaInNumberError):
            plain_numbers(["1", cell], ["a", "b"], "line 2")


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (["1,234", "61.5"], 1234),
        (["1,234", "61,5"], 1.234),
        (["1.234", "61,5"], 1234),
        (["1,234", "1,234,567"], 1234),
        (["1,234", "0,125"], 1.234),
        (["1,234", "0.125"], 1234),
    ],
)
def test_another_cell_settles_what_a_comma_is(cells: list[str], value: float) -> None:
    style = evidence(*cells).style()
    assert numbers_in(style)(cells[:1], ["a"], "line 2") == [value]


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        (["1,234", "64.375"], "line 2, column 'a': '1,234' may be a number with decimals or thousands apart"),
        (["61,5", "61.5"], "line 3, column 'a': found '61.5', but '61,5' above it: expected a point or a comma"),
        (["61.5", "7", "61,5"], "line 4, column 'a': found '61,5', but '61.5' above it"),
    ],
)
def test_what_the_file_does_not_settle_is_named(cells: list[str], error: str) -> None:
    with pytest.raises(DataError, match=error):
        evidence(*cells).style()


@pytest.mark.parametrize("cell", ["1,23,4", "1.5.2", "1,2345.5", "01,234.5", "1_0,5", "١,٥", "5,5 km/h", ",", "."])
def test_other_texts_are_no_numbers(cell: str) -> None:
    assert not looks_numeric(cell)
    for read in (plain_numbers, numbers_in("point"), numbers_in("comma")):
        with pytest.raises(DataError, match="line 2, column 'a': expected a number or an empty cell, found"):
            read([cell], ["a"], "line 2")
