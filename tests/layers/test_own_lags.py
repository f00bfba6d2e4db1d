"""The history of each sensor as a row, against a loop."""

import numpy as np
import torch

from stgraph.layers import own_lags


def test_it_equals_the_loop() -> None:
    signal = torch.randn(2, 3, 4, 2, generator=torch.Generator().manual_seed(0))
    rows = own_lags(signal)
    assert rows.shape == (4, 2, 3 * 2 + 1)
    for n, b in np.ndindex(4, 2):
        assert rows[n, b].tolist() == [*(float(signal[b, t, n, c]) for t in range(3) for c in range(2)), 1.0]
