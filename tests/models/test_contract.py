"""The generic contract over every model, by fact."""

from pathlib import Path

import pytest

from stgraph.models import MODELS
from tests import contracts
from tests.conftest import World

pytestmark = pytest.mark.parametrize("name", MODELS)


@pytest.mark.parametrize(
    "law",
    [
        contracts.gives_the_shape_it_promises,
        contracts.every_parameter_gets_a_gradient,
        contracts.quantiles_have_an_axis_rise_and_teach_every_parameter,
        contracts.equal_heads_give_the_point_forecast,
        contracts.the_same_seed_gives_the_same_forecast,
        contracts.it_overfits_one_batch,
        contracts.what_stands_under_the_mask_has_no_influence,
        contracts.the_future_does_not_change_the_past,
        contracts.an_inductive_model_follows_a_relabelling,
        contracts.a_model_works_on_another_graph_or_says_why_not,
        contracts.a_patch_of_its_reach_is_exact_and_one_hop_less_is_not,
        contracts.patches_side_by_side_answer_as_each_alone_or_are_refused,
        contracts.a_closed_form_is_the_same_from_patches,
    ],
    ids=lambda law: law.__name__,
)
def test_law(name: str, law: "contracts.Law", world: World) -> None:
    law(name, world)


def test_a_saved_one_forecasts_the_same_bits(name: str, world: World, tmp_path: Path) -> None:
    contracts.a_saved_one_forecasts_the_same_bits(name, world, tmp_path)
