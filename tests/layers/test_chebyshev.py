"""Chebyshev polynomials: what they are of a number, and their law."""

import pytest
import torch

from stgraph.layers import chebyshev


def test_of_the_cosine_of_an_angle_they_are_the_cosines_of_its_multiples() -> None:
    """On a diagonal matrix T_k works on each number, and T_k(cos a) = cos(k a)."""
    angles = torch.tensor([0.1, 1.0, 2.5], dtype=torch.float64)
    found = chebyshev(torch.diag(angles.cos()), 5)
    for k, weights in enumerate(found, start=1):
        torch.testing.assert_close(weights, torch.diag((k * angles).cos()))


@pytest.mark.parametrize("order", [0, 1, 4])
def test_there_are_as_many_as_asked_for(order: int) -> None:
    assert len(chebyshev(torch.eye(2), order)) == order


def test_rows_that_add_up_to_one_still_do() -> None:
    """T_k(1) = 1."""
    weights = torch.rand(6, 6, dtype=torch.float64).softmax(1)
    for polynomial in chebyshev(weights, 4):
        torch.testing.assert_close(polynomial.sum(1), torch.ones(6, dtype=torch.float64))
    assert chebyshev(weights, 2)[1][0, 0].item() == pytest.approx(2 * float(weights[0] @ weights[:, 0]) - 1)
