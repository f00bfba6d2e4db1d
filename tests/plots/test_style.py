from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from stgraph import plots
from stgraph.errors import DataError
from stgraph.plots.style import blank, legend


@pytest.mark.parametrize(("name", "head"), [("a.png", b"\x89PNG"), ("a.PDF", b"%PDF"), ("new/a.svg", b"<?xml")])
def test_a_picture_is_written_in_the_form_of_its_ending(name: str, head: bytes, tmp_path: Path) -> None:
    figure = blank(2, title="Speed", below="60 minutes ahead")
    figure.subplots()
    assert plots.save(figure, tmp_path / name).read_bytes().startswith(head)
    assert len(list((tmp_path / name).parent.iterdir())) == 1, "nothing temporary stays behind"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.gif: expected a name ending in \.png, \.svg, \.pdf"):
        plots.save(Figure(), tmp_path / "a.gif")


def test_a_picture_that_cannot_be_is_known_before_it_is_drawn(tmp_path: Path) -> None:
    assert plots.check_picture(tmp_path / "new" / "a.png") == tmp_path / "new" / "a.png"
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file is a file"):
        plots.check_picture(tmp_path / "file" / "a.png")
    with pytest.raises(DataError, match=r"a\.gif: expected a name ending in"):
        plots.check_picture(tmp_path / "a.gif")


def test_a_blank_figure_has_room_for_its_title() -> None:
    figure = blank(3, title="Speed", below="60 minutes ahead")
    axes = figure.subplots()
    figure.draw_without_rendering()
    below: Text = figure.texts[1]
    assert axes.get_window_extent().y1 < below.get_window_extent().y0
    assert figure.get_size_inches()[0] * figure.dpi == 1200


def test_a_legend_names_each_kind_of_mark_once() -> None:
    figure = blank(3, title="Speed")
    for axes in figure.subplots(2, 1):
        for colour in ("red", "blue"):
            axes.plot([1, 2], color=colour, label=colour)
        axes.plot([2, 1], color="red", label="red")
    legend(figure)
    (names,) = figure.legends
    assert [text.get_text() for text in names.get_texts()] == ["red", "blue"]
