"""What a piece of work asks of a machine: operations and bytes; and what the machine can do of both."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from stgraph.training import seconds_of

aten = torch.ops.aten
PRODUCTS = {aten.mm: 0, aten.bmm: 0, aten.addmm: 1, aten.addmm_: 1, aten.baddbmm: 1, aten.addbmm: 1}
"""Products of matrices, and the place of the first factor among their arguments."""


class Count(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts, while it is entered, the operations of all products and the bytes that every operation reads and writes.

    Products are those of matrices, dense or sparse, convolutions and attention, forward and backward; two operations
    for a multiplication and an addition. Bytes are those of all tensors in and out of each operation that is no mere
    view: what would be moved if nothing stayed in a cache between two of them.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations, self.bytes = 0, 0

    def __torch_dispatch__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401 - torch's hook
        """Run one operation and count it."""
        out = func(*args, **(kwargs or {}))
        read, written = _tensors(args), _tensors(out)
        if not func.is_view:
            self.bytes += sum(_bytes(x) for x in read + written)
        self.operations += _operations(func, args, written)
        return out


def _tensors(tree: Any) -> list[Tensor]:  # noqa: ANN401 - arguments of anything
    return [x for x in tree_leaves(tree) if isinstance(x, Tensor)]


def _bytes(x: Tensor) -> int:
    return int(x.numel() if x.layout == torch.strided else x.values().numel()) * x.element_size()


def _operations(func: Any, args: Any, out: list[Tensor]) -> int:  # noqa: ANN401 - an operation of torch
    packet = func.overloadpacket
    if packet in PRODUCTS:
        return 2 * out[0].numel() * int(args[PRODUCTS[packet]].shape[-1]) * _summed(packet, args)
    name = packet.__name__
    if name == "_sparse_mm_reduce_impl":
        return 2 * int(args[0].values().numel()) * int(args[1].shape[-1])
    if name in ("convolution", "mkldnn_convolution"):
        return int(2 * out[0].numel() * prod(args[1].shape[1:]))
    if name == "convolution_backward":
        return int(2 * args[0].numel() * prod(args[2].shape[1:]) * sum(map(bool, args[-1][:2])))
    if name.startswith("_scaled_dot_product"):
        query, key = (args[1], args[2]) if "backward" in name else args[:2]
        products = 5 if "backward" in name else 2
        return int(2 * products * query.numel() * key.shape[-2])
    return 0


def _summed(packet: Any, args: Any) -> int:  # noqa: ANN401 - an operation of torch
    return int(args[1].shape[0]) if packet is aten.addbmm else 1


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """Return the operations a second of a large product of matrices."""
    size = 2048 if device.type == "cpu" else 8192
    one, other = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    return 2 * size**3 / _seconds(lambda: one @ other, device)


def bandwidth(device: torch.device) -> float:
    """Return the bytes a second that a copy of 512 MiB reads and writes."""
    source = torch.ones(2**27, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / _seconds(lambda: target.copy_(source), device)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    def done() -> None:
        work()
        torch.get_device_module(device).synchronize()

    return float(np.median(seconds_of([done])))
