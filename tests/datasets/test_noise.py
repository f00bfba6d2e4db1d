"""Correlated noise: standard normal, independent between series, with the memory asked for."""

import numpy as np
import pytest

from stgraph.datasets.noise import correlated_noise


@pytest.mark.parametrize("memory", [1.0, 5.0, 30.0])
def test_correlation_falls_exponentially(memory: float) -> None:
    noise = correlated_noise(np.random.default_rng(0), (20_000, 20), memory=memory)
    assert noise.std() == pytest.approx(1, abs=0.03)
    for lag in (1, 4, 9):
        found = np.mean(noise[:-lag] * noise[lag:])
        assert found == pytest.approx(np.exp(-lag / memory), abs=0.04)
    between = np.corrcoef(noise.T) - np.eye(20)
    assert np.abs(between).max() < 0.2


def test_the_first_step_is_as_spread_as_the_last() -> None:
    noise = correlated_noise(np.random.default_rng(0), (50, 20_000), memory=10)
    np.testing.assert_allclose(noise.std(axis=1), 1, atol=0.03)
