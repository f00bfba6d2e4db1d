from hypothesis import given
from hypothesis import strategies as st

from stgraph.series.axes import name_axis


@given(st.lists(st.text(min_size=1), unique=True) | st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True), unique=True))
def test_every_name_is_found_at_its_place(names: list[str]) -> None:
    axis, places = name_axis(names)
    assert [axis[k] for k in places] == names
    assert len(axis) == len(names)
    if all(name.isascii() and name.isdecimal() for name in names):
        assert [int(name) for name in axis] == sorted(int(name) for name in names)
    else:
        assert list(axis) == sorted(names)
