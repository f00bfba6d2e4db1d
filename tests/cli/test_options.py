"""Options: name=value texts, and which of them were given."""

import pytest
import typer
from typer.testing import CliRunner

from stgraph.cli.options import SHARE, kilometres, others_given, pairs, resampling
from stgraph.errors import DataError
from stgraph.series import Resampling


def test_pairs_split_at_the_first_equals_sign() -> None:
    assert pairs(["hidden=32", "note=a=b"]) == {"hidden": "32", "note": "a=b"}
    with pytest.raises(typer.BadParameter, match="name=value"):
        pairs(["hidden"])


@pytest.mark.parametrize(
    ("text", "length"), [("2", 2), ("2km", 2), (" 1.5 km ", 1.5), ("800m", 0.8), ("1e3 m", 1), ("1mi", 1.609344)]
)
def test_a_length_is_in_kilometres_unless_it_says_otherwise(text: str, length: float) -> None:
    assert kilometres(text) == pytest.approx(length)


@pytest.mark.parametrize("text", ["", "km", "far", "2furlong", "2mk", "km2"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a length such as 2km, 800m or"):
        kilometres(text)


def test_flags_of_resampling_become_its_rule() -> None:
    assert resampling("5min", ["speed=flow-weighted"], 0.9) == Resampling("5min", {"speed": "flow-weighted"}, 0.9)
    assert resampling("5min", None, SHARE) == Resampling("5min")
    assert resampling(None, None, SHARE) is None
    for ways, share in ((["speed=mean"], SHARE), (None, 0.9)):
        with pytest.raises(DataError, match="expected --resample too"):
            resampling(None, ways, share)


def test_only_what_stands_on_the_command_line_was_given() -> None:
    app = typer.Typer()

    @app.command()
    def verb(ctx: typer.Context, one: int = 1, two: int = 2, three: bool = False) -> None:
        typer.echo(f"{one + two + three} {others_given(ctx, 'one')}")

    assert CliRunner().invoke(app, ["--one", "3", "--two", "2"]).output == "5 ['--two']\n"
    assert CliRunner().invoke(app, ["--three"]).output == "4 ['--three']\n"
    assert CliRunner().invoke(app, []).output == "3 []\n"
