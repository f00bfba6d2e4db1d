"""Random series with a memory: what makes the same hour of two Tuesdays differ."""

import numpy as np

from stgraph.datasets.ctm import Floats


def correlated_noise(rng: np.random.Generator, shape: tuple[int, int], *, memory: float) -> Floats:
    r"""Draw standard normal series whose correlation falls as :math:`e^{-s / m}` over s steps.

    Args:
        rng: source of randomness.
        shape: steps and number of independent series.
        memory: m, in steps.

    >>> noise = correlated_noise(np.random.default_rng(0), (200_000, 1), memory=10)
    >>> print(f"{noise.std():.2f} {np.corrcoef(noise[:-10, 0], noise[10:, 0])[0, 1]:.2f}")
    1.00 0.37
    """
    noise = rng.standard_normal(shape)
    keep = np.exp(-1 / memory)
    noise[1:] *= np.sqrt(1 - keep**2)
    for t in range(1, len(noise)):
        noise[t] += keep * noise[t - 1]
    return noise
