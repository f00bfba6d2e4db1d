"""`PatchBatch`: what a model sees, pieces of the graph times windows of the series, as tensors."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from stgraph.errors import ShapeError
from stgraph.shapes import check_shape

if TYPE_CHECKING:
    from torch_geometric.data import Data


@dataclass(frozen=True, eq=False)
class PatchBatch:
    """Patches times windows; checked on construction, a pytree, all a model ever sees.

    Several patches in one batch lie side by side on N, joined by no weight; each has its own B windows.

    Args:
        signal: (B, T, N, C) scaled history; unobserved entries are 0.
        observed: (B, T, N, C) bool, True = measured.
        calendar: (B, T+H, N or 1, 3) long: step of day, day of week, holiday, of history and horizon.
        weights: one (N, N) a WeightSpec of the model, dense or CSR, cut from the whole.
        sensors: (N,) long, index in the whole graph.
        centre: (N,) bool, True = answered for; the others are halo.
        block: (N,) long, which patch of the batch.
        covariates: (B, T+H, N or 1, K), known beside the signal, or None.
        static: (N, K) facts of each sensor, or None.
        profile: (B, T+H, N, 3 C) what is usual at that time of such a day, or None: mean and deviation of the scaled
            targets in the past, and n / (n + 1) of the n values that they rest on.
        edge_index: (2, E) long, source and target (positions on N) of each edge of A, or None.
        edge_features: (E, K), distance or direction of each edge, or None.
        target: (B, H, N, C) in physical units, or None where the future is not known.
        target_observed: (B, H, N, C) bool, or None.
        step: global training step.

    Raises:
        ShapeError: names the field, the expected axes and the found shape.
    """

    signal: Tensor
    observed: Tensor
    calendar: Tensor
    weights: tuple[Tensor, ...]
    sensors: Tensor
    centre: Tensor
    block: Tensor
    covariates: Tensor | None = None
    static: Tensor | None = None
    profile: Tensor | None = None
    edge_index: Tensor | None = None
    edge_features: Tensor | None = None
    target: Tensor | None = None
    target_observed: Tensor | None = None
    step: int = 0

    def __post_init__(self) -> None:
        """Check every shape against the signal's."""
        sizes = check_shape(self.signal, "B T N C", name="signal")
        check_shape(self.observed, "B T N C", name="observed", **sizes)
        b, t, n = sizes["B"], sizes["T"], sizes["N"]
        for k, weights in enumerate(self.weights):
            check_shape(weights, "N N", name=f"weights[{k}]", N=n)
        for name in ("sensors", "centre", "block"):
            check_shape(getattr(self, name), "N", name=name, N=n)
        horizon = self.calendar.shape[1] - t
        check_shape(self.calendar, "B T+H N|1 3", name="calendar", B=b, T=t, N=n, H=horizon)
        if self.covariates is not None:
            check_shape(self.covariates, "B T+H N|1 K", name="covariates", B=b, T=t, N=n, H=horizon)
        if self.profile is not None:
            check_shape(self.profile, "B T+H N K", name="profile", B=b, T=t, N=n, H=horizon)
        if self.static is not None:
            check_shape(self.static, "N K", name="static", N=n)
        self._check_edges()
        if (self.target is None) != (self.target_observed is None):
            message = "target and target_observed: expected both or neither"
            raise ShapeError(message)
        if self.target is not None and self.target_observed is not None:
            sizes = check_shape(self.target, "B H N C", name="target", B=b, H=horizon, N=n)
            check_shape(self.target_observed, "B H N C", name="target_observed", **sizes)

    def _check_edges(self) -> None:
        if self.edge_index is not None:
            check_shape(self.edge_index, "2 E", name="edge_index")
        if self.edge_features is not None:
            if self.edge_index is None:
                message = "edge_features: expected edge_index beside them"
                raise ShapeError(message)
            check_shape(self.edge_features, "E K", name="edge_features", E=self.edge_index.shape[1])

    @property
    def horizon(self) -> int:
        """Steps out, H."""
        return self.calendar.shape[1] - self.signal.shape[1]

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "PatchBatch":
        """Return the batch on a device; with `dtype`, floating fields but the target in that precision."""

        def move(x: Any) -> Any:  # noqa: ANN401 - a leaf of the pytree
            return x.to(device, non_blocking=True) if isinstance(x, Tensor) else x

        moved: PatchBatch = pytree.tree_map(move, self)
        if dtype is None:
            return moved
        cast = {
            field.name: pytree.tree_map(lambda x: x.to(dtype) if x.is_floating_point() else x, value)
            for field in fields(moved)
            if field.name not in ("target", "step") and (value := getattr(moved, field.name)) is not None
        }
        return PatchBatch(**({field.name: getattr(moved, field.name) for field in fields(moved)} | cast))

    def to_pyg(self) -> "Data":
        """Return a torch-geometric `Data`: x (N, B, T, C), observed, y (N, B, H, C) and the edges of each W.

        A weight ``W[i, j]`` becomes the edge (source j, target i), the direction in which PyG gathers;
        `edge_index` and `edge_weight` are those of the first W, and `batch` is the patch of each sensor.
        """
        from torch_geometric.data import Data  # noqa: PLC0415 - a second of imports that only this needs

        data = Data(x=self.signal.permute(2, 0, 1, 3), observed=self.observed.permute(2, 0, 1, 3), batch=self.block)
        data.sensors, data.centre, data.num_nodes = self.sensors, self.centre, self.signal.shape[2]
        if self.target is not None:
            data.y = self.target.permute(2, 0, 1, 3)
        if self.weights:
            coo = self.weights[0].to_sparse(layout=torch.sparse_coo).coalesce()
            data.edge_index, data.edge_weight = coo.indices().flip(0), coo.values()
        return data


def _flatten(batch: PatchBatch) -> tuple[list[Any], list[str]]:
    names = [field.name for field in fields(PatchBatch)]
    return [getattr(batch, name) for name in names], names


def _unflatten(values: Any, names: list[str]) -> PatchBatch:  # noqa: ANN401 - what the pytree registry passes
    batch = object.__new__(PatchBatch)  # leaves may be anything while a pytree is mapped: no checks
    for name, value in zip(names, values, strict=True):
        object.__setattr__(batch, name, value)
    return batch


def _flatten_with_keys(batch: PatchBatch) -> tuple[list[tuple[Any, Any]], list[str]]:
    values, names = _flatten(batch)
    return [(pytree.GetAttrKey(name), value) for name, value in zip(names, values, strict=True)], names


pytree.register_pytree_node(
    PatchBatch,
    _flatten,
    _unflatten,
    serialized_type_name="stgraph.PatchBatch",
    flatten_with_keys_fn=_flatten_with_keys,
)
