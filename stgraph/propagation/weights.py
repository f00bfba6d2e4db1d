r"""From adjacency A to propagation weights W, always on the WHOLE graph; patches are cut afterwards.

Normalise first, then cut: only then does a k-hop patch give the whole graph's answer at its centre.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from stgraph.errors import DataError

Csr = sp.csr_array
Kind = Literal["forward", "backward", "symmetric", "chebyshev"]


@dataclass(frozen=True)
class WeightSpec:
    r"""Which weights a model wants; `build_weights` makes them.

    - forward: (D_out^-1 A)^order gathers from downstream; backward: (D_in^-1 A^T)^order gathers from
      upstream. Li et al. 2018, eq. 2, https://arxiv.org/abs/1707.01926
    - symmetric: (D^-1/2 (A + I) D^-1/2)^order with D the row sums of A + I. Kipf and Welling 2017,
      eq. 2, https://arxiv.org/abs/1609.02907
    - chebyshev: T_order(L~) with L~ = 2 L / lambda_max - I, L = I - D^-1/2 M D^-1/2 and
      M = max(A, A^T). Defferrard et al. 2016, eq. 4, https://arxiv.org/abs/1606.09375

    A row without edges gathers nothing. One application reaches `order` hops.

    Args:
        kind: one of the above.
        order: power of the diffusion, or degree of the Chebyshev polynomial; at least 1.
    """

    kind: Kind
    order: int = 1

    def __post_init__(self) -> None:
        """Check kind and order."""
        if self.kind not in _BASE:
            message = f"kind: expected one of {sorted(_BASE)}, found {self.kind!r}"
            raise DataError(message)
        if self.order < 1:
            message = f"order: expected 1 or more, found {self.order}"
            raise DataError(message)

    @property
    def hops(self) -> int:
        """How many hops one application of these weights reaches."""
        return self.order


def build_weights(adjacency: Csr, specs: Iterable[WeightSpec]) -> tuple[Csr, ...]:
    """Build the weights of each spec from the whole adjacency.

    Args:
        adjacency: (N, N) CSR; ``adjacency[i, j] > 0`` is an edge from i to j.
        specs: what the model asks for.

    Returns:
        One (N, N) CSR float64 a spec, to be gathered with: ``(W S)_i = sum_j W[i, j] S_j``.

    >>> chain = sp.csr_array(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]))
    >>> build_weights(chain, [WeightSpec("forward")])[0].toarray()
    array([[0. , 0.5, 0.5],
           [0. , 0. , 1. ],
           [0. , 0. , 0. ]])
    """
    return tuple(_build(adjacency, spec) for spec in specs)


def _build(adjacency: Csr, spec: WeightSpec) -> Csr:
    base = _BASE[spec.kind](adjacency.astype(np.float64))
    weights = _chebyshev(base, spec.order) if spec.kind == "chebyshev" else _power(base, spec.order)
    weights = sp.csr_array(weights)
    weights.sum_duplicates()
    weights.eliminate_zeros()
    weights.sort_indices()
    return weights


def _forward(adjacency: Csr) -> Csr:
    return sp.csr_array(sp.diags_array(_inverse(adjacency.sum(1), 1.0)) @ adjacency)


def _backward(adjacency: Csr) -> Csr:
    return _forward(sp.csr_array(adjacency.T))


def _symmetric(adjacency: Csr) -> Csr:
    return _both_sides(sp.csr_array(adjacency + sp.eye_array(adjacency.shape[0])))


def _scaled_laplacian(adjacency: Csr) -> Csr:
    count = adjacency.shape[0]
    laplacian = sp.csr_array(sp.eye_array(count) - _both_sides(sp.csr_array(adjacency.maximum(adjacency.T))))
    return sp.csr_array(2 / _largest_eigenvalue(laplacian) * laplacian - sp.eye_array(count))


def _both_sides(matrix: Csr) -> Csr:
    half = sp.diags_array(_inverse(matrix.sum(1), 0.5))
    return sp.csr_array(half @ matrix @ half)


def _inverse(degree: np.ndarray, power: float) -> np.ndarray:
    """Return degree^-power, and 0 where the degree is 0."""
    safe = np.where(degree > 0, degree, 1.0)
    inverse: np.ndarray = np.where(degree > 0, safe**-power, 0.0)
    return inverse


def _largest_eigenvalue(matrix: Csr) -> float:
    count = matrix.shape[0]
    if count < 64:  # Lanczos needs room; a small matrix is solved whole
        return float(np.linalg.eigvalsh(matrix.toarray())[-1])
    start = np.random.default_rng(0).standard_normal(count)
    return float(sp.linalg.eigsh(matrix, k=1, which="LA", v0=start, return_eigenvectors=False)[0])


def _power(base: Csr, order: int) -> Csr:
    power = base
    for _ in range(order - 1):
        power = sp.csr_array(power @ base)
    return power


def _chebyshev(base: Csr, order: int) -> Csr:
    previous, current = sp.csr_array(sp.eye_array(base.shape[0])), base
    for _ in range(order - 1):
        previous, current = current, sp.csr_array(2 * (base @ current) - previous)
    return current


_BASE = {"forward": _forward, "backward": _backward, "symmetric": _symmetric, "chebyshev": _scaled_laplacian}
