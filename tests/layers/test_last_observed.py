"""The last observed value, against a loop."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from stgraph.layers import last_observed


@given(st.integers(0, 99), st.integers(1, 6))
def test_it_equals_the_loop(seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    observed = rng.random((2, steps, 3, 2)) < 0.4
    signal = np.where(observed, rng.normal(size=observed.shape), 0)
    expected = np.zeros((2, 3, 2))
    for b, t, n, c in np.ndindex(*observed.shape):
        if observed[b, t, n, c]:
            expected[b, n, c] = signal[b, t, n, c]
    found = last_observed(torch.from_numpy(signal), torch.from_numpy(observed))
    np.testing.assert_array_equal(found.numpy(), expected)
