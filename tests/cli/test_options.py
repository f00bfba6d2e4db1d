"""Options: name=value texts, and which of them were given."""

import pytest
import typer
from typer.testing import CliRunner

from stgraph.cli.options import SHARE, others_given, pairs, resampling
from stgraph.errors import DataError
from stgraph.series import Resampling


def test_pairs_split_at_the_first_equals_sign() -> None:
    assert pairs(["hidden=32", "note=a=b"]) == {"hidden": "32", "note": "a=b"}
    with pytest.raises(typer.BadParameter, match="name=value"):
        pairs(["hidden"])


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
