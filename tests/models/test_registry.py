"""Models by name, settings by text."""

from typing import Any

import pytest
from torch import Tensor, nn

from stgraph.errors import DataError, RunError, UnknownNameError
from stgraph.models import MODELS, ForecastModel, PatchNet, Persistence, Task, build_model, catalogue, find_model
from stgraph.patches import PatchBatch

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
        ({"dropout": "nan"}, DataError, "dropout: expected float, found 'nan'"),
        ({"heads": 3}, DataError, "heads: expected .* found 3"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build_model(PatchNet, TASK, settings)


class Toy(ForecastModel):
    """A model that checks nothing itself."""

    name, paper, trained = "toy", "nobody", "none"

    def __init__(self, task: Task, *, width: int = 4, share: float = 0.5, own: bool = False) -> None:
        super().__init__(task)
        if own:
            message = "what the model says itself"
            raise RunError(message)
        rest = 8 % width
        self.layers = nn.Sequential(nn.Linear(task.history, width), nn.Dropout(share), nn.Linear(width, rest))

    @property
    def reach(self) -> int:
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        return batch.signal[:, :1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"width": "-1"}, r"toy: expected settings that a model can be built with, found width=-1 \(.*negative"),
        ({"width": "0"}, r"found width=0 \(.*by zero"),
        ({"share": 2.0}, r"found share=2.0 \(dropout probability"),
        ({"width": 8, "share": 0.1}, r"found width=8, share=0.1 \(Initializing zero-element tensors is a no-op\)"),
        ({"width": 10**9}, "found width=1000000000 .*memory"),
    ],
)
def test_settings_that_build_no_model_are_named_beside_it(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        build_model(Toy, TASK, settings)
    assert "\n" not in str(caught.value)


def test_what_a_model_says_itself_is_not_changed() -> None:
    with pytest.raises(RunError, match=r"^what the model says itself$"):
        build_model(Toy, TASK, {"own": "true"})


def test_a_model_without_settings_says_so() -> None:
    with pytest.raises(UnknownNameError, match=r"^persistence has no settings, found 'hidden'$"):
        build_model(Persistence, TASK, {"hidden": "3"})
