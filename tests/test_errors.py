"""Errors carry the fix."""

import pytest

from stgraph.errors import StgraphError, UnknownNameError


@pytest.mark.parametrize(("name", "near"), [("patchnt", "patchnet"), ("linear", "linear-regression")])
def test_an_unknown_name_comes_with_the_nearest(name: str, near: str) -> None:
    error = UnknownNameError.of("model", name, ["persistence", "patchnet", "linear-regression"])
    assert f"did you mean {near!r}" in str(error)
    assert isinstance(error, StgraphError)
    assert isinstance(error, LookupError)


def test_nothing_near_still_lists_what_is_valid() -> None:
    message = str(UnknownNameError.of("model", "zzz", ["persistence"]))
    assert "did you mean" not in message
    assert "persistence" in message
