"""A run: what was asked for tells it from every other, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from stgraph.evaluation.bench_run import ASKED, BenchRun
from stgraph.evaluation.bench_source import TrafficSource
from stgraph.training import Training

RUN = BenchRun(TrafficSource("los-loop"), "tgcn", "gru", 12, 3, Training(), {"hidden": "8"})
CHANGES: list[dict[str, Any]] = [
    {"source": TrafficSource("sz-taxi")},
    {"source": TrafficSource("los-loop", target="speed")},
    {"protocol": "clean"},
    {"model": "stid"},
    {"history": 4},
    {"horizon": 6},
    {"settings": {}},
    {"settings": {"hidden": "16"}},
    {"minutes": 20.0},
    {"training": Training(seed=1)},
    {"training": Training(epochs=7)},
    {"training": Training(patience=2)},
    {"training": Training(batch_size=8)},
    {"training": Training(learning_rate=0.1)},
    {"training": Training(precision="bf16")},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_whatever_changes_the_figure_makes_another_run(changes: dict[str, Any]) -> None:
    other = replace(RUN, **changes)
    assert other.key != RUN.key
    assert other.name != RUN.name


def test_where_it_runs_and_what_it_draws_makes_no_other_run() -> None:
    assert replace(RUN, training=Training(accelerator="cpu", progress=False)).key == RUN.key
    assert replace(RUN, settings=dict(reversed({"hidden": "8"}.items()))).key == RUN.key


def test_what_does_not_concern_the_model_is_empty() -> None:
    ridge = replace(RUN, model="linear-regression", settings={})
    assert ridge.key == replace(ridge, training=Training(seed=3, epochs=7), minutes=1.0).key
    assert ridge.asked["seed"] == ridge.asked["epochs"] == ""
    assert not ridge.by_gradient


def test_the_folder_is_named_after_the_main_choices_and_is_one_name() -> None:
    odd = replace(RUN, source=replace(RUN.source, name="a b/c", series="s", adjacency="a"))  # type: ignore[arg-type]
    assert RUN.name.startswith("los-loop-tgcn-12-3-gru-0-")
    assert odd.name.startswith("a_b_c-tgcn-12-3-gru-0-")


def test_the_cells_stand_in_the_order_of_the_columns_and_say_what_it_is() -> None:
    assert tuple(RUN.asked) == ASKED
    assert RUN.key == tuple(RUN.asked.values())
    assert RUN.asked["settings"] == "hidden=8"
    assert str(RUN) == "gru hidden=8 on los-loop, tgcn, 12 -> 3 steps, seed 0"
    assert RUN.place == dict.fromkeys(ASKED, "") | {
        "dataset": "los-loop",
        "protocol": "tgcn",
        "history": "12",
        "horizon": "3",
    }
