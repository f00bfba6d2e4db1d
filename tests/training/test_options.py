"""Options check themselves."""

from typing import Any

import pytest

from stgraph.errors import DataError
from stgraph.training import Training


@pytest.mark.parametrize(
    "field", [{"epochs": 0}, {"batch_size": -1}, {"learning_rate": 0.0}, {"patience": 0}, {"precision": "16"}]
)
def test_an_impossible_option_is_named(field: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(field))):
        Training(**field)
