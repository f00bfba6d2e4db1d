"""A week of sound traffic: simulated, with the noise and the holes of detectors."""

import pytest

from stgraph.datasets import SyntheticTraffic, synthetic


@pytest.fixture(scope="session")
def sound() -> SyntheticTraffic:
    return synthetic(days=7, seed=3)
