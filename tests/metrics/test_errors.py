"""Errors of one element, by hand."""

import pytest
import torch

from stgraph.metrics import absolute_error, percentage_error, squared_error

F, Y = torch.tensor([1.0, 5.0, 0.0]), torch.tensor([3.0, 4.0, 0.5])


def test_by_hand() -> None:
    assert absolute_error(F, Y).tolist() == [2.0, 1.0, 0.5]
    assert squared_error(F, Y).tolist() == [4.0, 1.0, 0.25]
    share, counts = percentage_error(F, Y, threshold=1.0)
    assert share.tolist() == pytest.approx([200 / 3, 25.0, 0.0])
    assert counts.tolist() == [True, True, False]


def test_a_share_of_nothing_is_no_infinity() -> None:
    share, counts = percentage_error(torch.ones(2), torch.zeros(2), threshold=1e-3)
    assert not share.any()
    assert not counts.any()
    with pytest.raises(ValueError, match="threshold"):
        percentage_error(F, Y, threshold=0.0)
