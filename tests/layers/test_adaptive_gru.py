"""Adaptive GRU: the loop over sensors with the parameters that each picks from the pool."""

import numpy as np
import torch

from stgraph.layers import AdaptiveGraphConvolution, AdaptiveGRU


def test_the_convolution_is_the_loop_over_sensors() -> None:
    torch.manual_seed(0)
    layer = AdaptiveGraphConvolution(3, 2, 2, 4).double()
    signal, vectors, weights = torch.randn(5, 6, 3).double(), torch.randn(5, 4).double(), torch.rand(5, 5).double()
    found = layer(signal, [weights], layer.of_sensors(vectors))
    pool, bias = layer.pool.detach().numpy(), layer.bias_pool.detach().numpy()
    for n in range(5):
        theta = sum(vectors[n, d].item() * pool[d] for d in range(4))  # (order, C, C')
        around = sum(weights[n, m].item() * signal[m].numpy() for m in range(5))
        expected = signal[n].numpy() @ theta[0] + around @ theta[1] + vectors[n].numpy() @ bias
        np.testing.assert_allclose(found[n].detach(), expected, atol=1e-12)


def test_it_is_the_loop_over_the_papers_equations() -> None:
    torch.manual_seed(0)
    gru = AdaptiveGRU(2, 3, 2, 4).double()
    inputs, vectors, weights = torch.randn(5, 4, 6, 2).double(), torch.randn(4, 4).double(), torch.rand(4, 4).double()
    gates, candidate = gru.gates.of_sensors(vectors), gru.candidate.of_sensors(vectors)
    state = torch.zeros(4, 6, 3).double()
    for t in range(5):
        both = gru.gates(torch.cat([inputs[t], state], -1), [weights], gates)
        z, r = both[..., :3].sigmoid(), both[..., 3:].sigmoid()
        c = gru.candidate(torch.cat([inputs[t], z * state], -1), [weights], candidate).tanh()
        state = r * state + (1 - r) * c
        torch.testing.assert_close(gru(inputs, vectors, [weights])[t], state)
