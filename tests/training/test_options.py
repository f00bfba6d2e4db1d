"""Options check themselves."""

from typing import Any

import pytest

from stgraph.errors import StgraphError
from stgraph.training import Training


@pytest.mark.parametrize(
    "field",
    [
        {"epochs": 0},
        {"batch_size": -1},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"patience": 0},
        {"epoch_share": 0.0},
        {"epoch_share": 1.01},
        {"epoch_share": float("nan")},
        {"seed": -1},
        {"seed": 2**63},
        {"precision": "16"},
        {"accelerator": "quantum"},
    ],
)
def test_an_impossible_option_is_named(field: dict[str, Any]) -> None:
    with pytest.raises(StgraphError, match=next(iter(field))):
        Training(**field)
