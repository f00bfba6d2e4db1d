"""A bar is drawn on standard error, where it is asked for, and nowhere else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from stgraph.series.bar import Bar


@dataclass(frozen=True)
class Few:
    lines: list[int]
    source: str


PIECES = [Few([1, 2], "a"), Few([3], "a"), Few([1], "b")]


@pytest.mark.parametrize("shown", [False, True])
def test_all_pass_and_nothing_is_drawn_on_what_is_no_terminal(shown: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(2, shown=shown) as bar:
        assert list(bar.reading(PIECES)) == PIECES
        assert list(bar.storing([[1, 2], [3]], 3)) == [[1, 2], [3]]
    assert "".join(capsys.readouterr()) == ""


def test_a_terminal_sees_files_and_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Bar(2, shown=True) as bar:
        assert len(list(bar.reading(PIECES))) == 3
        assert len(list(bar.storing([[1, 2], [3]], 3))) == 2
    drawn = capsys.readouterr()
    assert "reading" in drawn.err
    assert "4 rows" in drawn.err
    assert "storing" in drawn.err
    assert not drawn.out


def test_an_error_passes_through() -> None:
    def interrupted() -> Iterator[Few]:
        yield PIECES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Bar(1, shown=True) as bar:
        list(bar.reading(interrupted()))
