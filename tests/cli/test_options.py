"""name=value texts."""

import pytest
import typer

from stgraph.cli.options import pairs


def test_pairs_split_at_the_first_equals_sign() -> None:
    assert pairs(["hidden=32", "note=a=b"]) == {"hidden": "32", "note": "a=b"}
    with pytest.raises(typer.BadParameter, match="name=value"):
        pairs(["hidden"])
