"""Cut patches from the once-normalised whole: their weights on one diagonal, their sensors side by side."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.patches.patch import Patch

Layout = Literal["auto", "dense", "csr"]
DENSE_UP_TO = 1024  # sensors: below, N x N numbers are little, and a learned graph is dense anyway


@dataclass(frozen=True, eq=False)
class Cut:
    """What the batches of some patches share, whatever their windows.

    Args:
        weights: one (n, n) tensor a W, the patches' pieces on the diagonal.
        sensors: (n,) index in the whole graph.
        centre: (n,) bool, True = answered for.
        block: (n,) which patch.
        patches: how many.
    """

    weights: tuple[Tensor, ...]
    sensors: Tensor
    centre: Tensor
    block: Tensor
    patches: int

    @classmethod
    def of(
        cls, weights: Sequence[sp.csr_array[np.float64]], patches: Sequence[Patch], layout: Layout = "auto"
    ) -> "Cut":
        """Cut patches out of the whole graph's weights."""
        return cls(
            weights=cut_weights(weights, patches, layout=layout),
            sensors=torch.from_numpy(np.concatenate([p.sensors for p in patches])),
            centre=torch.from_numpy(np.concatenate([p.centre for p in patches])),
            block=torch.from_numpy(np.repeat(np.arange(len(patches)), [len(p) for p in patches])),
            patches=len(patches),
        )


def cut_weights(
    weights: Sequence[sp.csr_array[np.float64]],
    patches: Sequence[Patch],
    *,
    layout: Layout = "auto",
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, ...]:
    """Cut each W to the patches and lay the pieces on one diagonal.

    Args:
        weights: (N, N) matrices of the whole graph, normalised there.
        patches: one or several, n_1, n_2, ... sensors.
        layout: dense, CSR, or auto: dense up to 1024 sensors.
        dtype: of the tensors.

    Returns:
        One (n, n) tensor a W, n = n_1 + n_2 + ...; nothing joins two patches.
    """
    blocks = [_diagonal([_submatrix(w, patch.sensors) for patch in patches]) for w in weights]
    return tuple(_tensor(block, layout, dtype) for block in blocks)


def _submatrix(matrix: sp.csr_array[np.float64], index: NDArray[np.int64]) -> sp.csr_array[np.float64]:
    if len(index) == matrix.shape[0]:
        return matrix  # rising indices: this is the whole
    return sp.csr_array(matrix[index][:, index])


def _diagonal(blocks: Sequence[sp.csr_array[np.float64]]) -> sp.csr_array[np.float64]:
    return blocks[0] if len(blocks) == 1 else sp.csr_array(sp.block_diag(blocks, format="csr"))


def _tensor(matrix: sp.csr_array[np.float64], layout: Layout, dtype: torch.dtype) -> Tensor:
    if layout == "dense" or (layout == "auto" and matrix.shape[0] <= DENSE_UP_TO):
        return torch.from_numpy(matrix.toarray()).to(dtype)
    with warnings.catch_warnings():  # torch calls its CSR layout beta once a process
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr.astype(np.int64)),
            torch.from_numpy(matrix.indices.astype(np.int64)),
            torch.from_numpy(matrix.data).to(dtype),
            size=matrix.shape,
        )
