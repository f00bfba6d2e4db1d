"""Models by name, settings by text."""

from typing import Any

import pytest

from stgraph.errors import DataError, UnknownNameError
from stgraph.models import MODELS, PatchNet, Task, build_model, catalogue, find_model

TASK = Task(sensors=4)


def test_a_model_is_found_by_its_name_and_misses_suggest_the_nearest() -> None:
    assert find_model("patchnet") is PatchNet
    with pytest.raises(UnknownNameError, match="did you mean 'patchnet'"):
        find_model("patchnett")


def test_the_catalogue_is_the_namespace() -> None:
    assert catalogue({"a": PatchNet, "b": 3, "c": Task}) == {"patchnet": PatchNet}
    assert set(MODELS) >= {"persistence", "historical-average", "linear-regression", "patchnet"}


def test_text_is_read_as_the_type_the_model_asks_for() -> None:
    model = build_model(PatchNet, TASK, {"hidden": "16", "hops": "none", "dropout": "0.25", "heads": 2})
    assert model.settings["hidden"] == 16
    assert model.settings["hops"] is None
    assert model.settings["dropout"] == 0.25
    assert build_model(PatchNet, TASK, {"hops": "1"}).reach == 1


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"hiden": "3"}, UnknownNameError, "did you mean 'hidden'"),
        ({"hidden": "wide"}, DataError, "hidden: expected int, found 'wide'"),
        ({"hops": "1.5"}, DataError, "hops: expected int or NoneType"),
        ({"task": "3"}, UnknownNameError, "setting of patchnet 'task'"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build_model(PatchNet, TASK, settings)
