"""Several batches as one: their patches side by side, of one network or of several."""

import warnings
from collections.abc import Sequence
from dataclasses import fields, replace

import torch
from torch import Tensor

from stgraph.patches.batch import PatchBatch
from stgraph.patches.cutter import DENSE_UP_TO


def joined(batches: Sequence[PatchBatch]) -> PatchBatch:
    """Put batches beside each other on the axis of sensors; no weight joins them.

    One with fewer windows than others has its last one again, with nothing to score in it, so that what the joined
    batch is scored by is what they are scored by, value by value.

    Args:
        batches: of one task, each with patches of its own, as loaders make them: edges on their own are left out.
    """
    if len(batches) == 1:
        return batches[0]
    windows = max(len(batch.signal) for batch in batches)
    many = [_spread(_filled(batch, windows)) for batch in batches]
    first = many[0]
    blocks = torch.tensor([0, *(int(batch.block.max()) + 1 for batch in many[:-1])]).cumsum(0).tolist()
    many = [replace(batch, block=batch.block + before) for batch, before in zip(many, blocks, strict=True)]
    beside = {"signal": 2, "observed": 2, "calendar": 2, "covariates": 2, "profile": 2}
    beside |= {"target": 2, "target_observed": 2, "sensors": 0, "centre": 0, "block": 0, "static": 0}
    put = {
        name: torch.cat([getattr(batch, name) for batch in many], dim=axis)
        for name, axis in beside.items()
        if getattr(first, name) is not None
    }
    weights = tuple(_diagonal(of_each) for of_each in zip(*(batch.weights for batch in many), strict=True))
    return PatchBatch(**put, weights=weights, step=first.step)


def _filled(batch: PatchBatch, windows: int) -> PatchBatch:
    """Return a batch of so many windows: the last one again and again, with nothing to score."""
    own = len(batch.signal)
    if own == windows:
        return batch
    places = torch.arange(windows).clamp(max=own - 1)
    names = ("signal", "observed", "calendar", "covariates", "profile", "target", "target_observed")
    more = {name: x[places] for name in names if (x := getattr(batch, name)) is not None}
    if batch.target_observed is not None:
        more["target_observed"][own:] = False
    return PatchBatch(**{field.name: getattr(batch, field.name) for field in fields(batch)} | more)


def _spread(batch: PatchBatch) -> PatchBatch:
    """Return a batch in which each sensor has its own calendar and covariates, where one was for all."""
    sensors = len(batch.sensors)
    calendar = batch.calendar.expand(-1, -1, sensors, -1)
    covariates = None if batch.covariates is None else batch.covariates.expand(-1, -1, sensors, -1)
    return replace(batch, calendar=calendar, covariates=covariates)


def _diagonal(blocks: Sequence[Tensor]) -> Tensor:
    """Lay weights on one diagonal: dense where that is small, else CSR."""
    size = sum(x.shape[0] for x in blocks)
    with warnings.catch_warnings():  # torch calls its CSR layout beta once a process
        warnings.simplefilter("ignore", UserWarning)
        if size <= DENSE_UP_TO:
            dense = [x if x.layout == torch.strided else x.to_dense() for x in blocks]
            return torch.block_diag(*dense)  # type: ignore[no-any-return, no-untyped-call]  # torch says nothing of it
        rows, columns, values, edges, sensors = [torch.zeros(1, dtype=torch.long)], [], [], 0, 0
        for x in (x if x.layout == torch.sparse_csr else x.to_sparse_csr() for x in blocks):
            rows.append(x.crow_indices()[1:] + edges)
            columns.append(x.col_indices() + sensors)
            values.append(x.values())
            edges, sensors = edges + len(values[-1]), sensors + x.shape[0]
        return torch.sparse_csr_tensor(torch.cat(rows), torch.cat(columns), torch.cat(values), size=(size, size))
