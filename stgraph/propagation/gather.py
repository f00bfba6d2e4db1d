"""One W made ready to gather with many times, there and back, in the layout that is fastest where it lies."""

import warnings
from functools import cached_property

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from stgraph.shapes import check_shape

SPARSE_BELOW = {torch.bfloat16: 1 / 16, torch.float16: 1 / 16}
"""Share of nonzero weights below which a processor follows edges faster than it multiplies; 1/8 in other types."""
WIDE = 512
"""Columns from which a matrix of its own for each leading index is worth the call."""


class Gather:
    """``out_i = sum_j W[i, j] S_j`` for one W, and ``sum_j W[j, i] G_j`` for the way back.

    On a processor a sparse W is followed along its edges, whatever its layout was; a learned W, and any W on an
    accelerator, is taken as it is.

    Args:
        weights: (N, N), dense or CSR.
        dtype: to compute in; None = as the weights.

    Raises:
        ShapeError: weights are not square.
    """

    def __init__(self, weights: Tensor, dtype: torch.dtype | None = None) -> None:
        check_shape(weights, "N N", name="weights")
        self.learned = weights.requires_grad
        self.weights = weights if dtype is None else weights.to(dtype)
        if not self.learned and weights.device.type == "cpu" and self._is_sparse():
            self.weights = _csr(self.weights)

    @classmethod
    def of(cls, weights: "Tensor | Gather", dtype: torch.dtype | None = None) -> "Gather":
        """Return one made of a matrix; one that is made already stays as it is."""
        return weights if isinstance(weights, Gather) else cls(weights, dtype)

    @cached_property
    def transposed(self) -> Tensor:
        """W^T, in the same layout."""
        w = self.weights
        if w.layout == torch.strided:
            return w.T
        by_column = w.to_sparse_csc()
        with warnings.catch_warnings():  # torch calls its CSR layout beta once a process
            warnings.simplefilter("ignore", UserWarning)
            return torch.sparse_csr_tensor(
                by_column.ccol_indices(), by_column.row_indices(), by_column.values(), size=w.shape
            )

    def there(self, columns: Tensor) -> Tensor:
        """Return W times (..., N, K), without a derivative."""
        return _product(self.weights, columns)

    def back(self, columns: Tensor) -> Tensor:
        """Return W^T times (..., N, K), without a derivative."""
        return _product(self.transposed, columns)

    def __call__(self, columns: Tensor) -> Tensor:
        """Return W times (..., N, K); differentiable, also in a W that is learned."""
        check_shape(self.weights, "N N", name="weights", N=columns.shape[-2])
        if self.learned:
            return _product(self.weights, columns.to(self.weights.dtype))
        gathered: Tensor = _Gathered.apply(columns.to(self.weights.dtype), self)  # type: ignore[no-untyped-call]
        return gathered

    def _is_sparse(self) -> bool:
        if self.weights.layout != torch.strided:
            return True
        share = int(self.weights.count_nonzero()) / max(self.weights.numel(), 1)
        return share <= SPARSE_BELOW.get(self.weights.dtype, 1 / 8)


class _Gathered(torch.autograd.Function):
    """A gather with the gather back as its derivative."""

    @staticmethod
    def forward(ctx: FunctionCtx, columns: Tensor, gather: Gather) -> Tensor:
        ctx.gather = gather  # type: ignore[attr-defined]
        return gather.there(columns)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, None]:
        back: Tensor = ctx.gather.back(grad.contiguous())  # type: ignore[attr-defined]
        return back, None


def _csr(weights: Tensor) -> Tensor:
    if weights.layout == torch.sparse_csr:
        return weights
    with warnings.catch_warnings():  # torch calls its CSR layout beta once a process
        warnings.simplefilter("ignore", UserWarning)
        return weights.to_sparse_csr()


def _product(weights: Tensor, columns: Tensor) -> Tensor:
    if weights.layout == torch.strided:
        return torch.matmul(weights, columns)
    if columns.dim() == 2:
        kernel = ("sum",) if weights.device.type == "cpu" else ()  # a processor has one of its own for this sum
        gathered: Tensor = torch.sparse.mm(weights, columns, *kernel)
        return gathered
    if columns.shape[-1] >= WIDE:
        return torch.stack([_product(weights, x) for x in columns.flatten(0, -3)]).view(columns.shape)
    rows = columns.movedim(-2, 0)  # (N, ..., K): one product for all leading axes
    return _product(weights, rows.reshape(len(rows), -1)).view(rows.shape).movedim(0, -2)
