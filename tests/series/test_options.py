import pytest

from stgraph.errors import DataError
from stgraph.series.options import names_of, refuse_options


def test_one_name_is_a_name_not_its_letters() -> None:
    assert [names_of(names) for names in (None, "speed", ["speed", "flow"], ())] == [
        (),
        ("speed",),
        ("speed", "flow"),
        (),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"columns": {"time": "at"}}, "columns; leave it out (--column)"),
        ({"unit": "", "start": None, "missing": [0.0]}, "unit, missing; leave them out (--unit, --missing)"),
    ],
)
def test_options_that_are_given_are_refused_by_name_and_flag(given: dict[str, object], words: str) -> None:
    with pytest.raises(DataError) as caught:
        refuse_options("a.npz", **given)
    assert str(caught.value) == f"a.npz: a file of this form has no use for {words}"


def test_options_that_are_not_given_are_no_mistake() -> None:
    refuse_options("a.npz", columns={}, missing=(), channel=[], unit=None)
