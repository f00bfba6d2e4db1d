"""Any convolution of PyTorch Geometric as a spatial layer."""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from stgraph.errors import DataError, MismatchError, StgraphError, UnknownNameError
from stgraph.layers.measured_hops import Hops, measured_hops
from stgraph.shapes import check_shape

_OURS = ("self", "in_channels", "out_channels", "cached", "args", "kwargs")
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class PyGConvolution(nn.Module):
    r"""``out = sum_k conv_k(S, W_k)``, and ``+ S Theta_0`` with `own`; conv_k of a class of torch_geometric.nn.

    Fey and Lenssen 2019, https://arxiv.org/abs/1903.02428. Every W_k has a convolution of its own. ``W[i, j]`` is the
    edge from source j to target i, so that PyG gathers as `propagate` does; the weight is its `edge_weight` where the
    class takes one, else its one edge feature, `edge_attr`, else only which edges there are counts. W is normalised
    already: a class that would do so again by default (`normalize`: GCNConv, TAGConv) is told not to. With GCNConv and
    `own` this is `GraphConvolution`.

    What cannot be switched off is declared: `hops` is how many hops one application really needs, as `measured_hops`
    finds when it is built, one more for a class that still normalises by itself, None where it may see the whole graph
    (ChebConv with ``normalization=None`` divides by the largest entry). A class that joins several results side by
    side (heads, powers) shares `channels_out` out among them.

    Args:
        name: of a `MessagePassing` class in torch_geometric.nn that works on weighted edges alone.
        channels_in: C.
        channels_out: C'.
        weights: number of W_k, at least 1.
        own: whether there is a Theta_0, for classes that do not read the sensor itself.
        bias: False = without one, where the class can do without.
        options: further settings of the class, plain data. ``edge_dim=None`` keeps the weight from it.

    Shapes:
        signal (..., N, C), weights a sequence of (N, N), dense (its nonzeros are the edges) or CSR (its stored entries)
        -> (..., N, C'). With ``sensor_major=True``, signal (..., N, B, C) -> (..., N, B, C').

    Raises:
        UnknownNameError: no such class, or the class has no such setting; suggests the nearest.
        DataError: a class that cannot be used so, or not with these settings; says why.
        MismatchError: no W_k; in `forward`, another number of weights.
    """

    def __init__(
        self,
        name: str,
        channels_in: int,
        channels_out: int,
        weights: int,
        *,
        own: bool = False,
        bias: bool = True,
        **options: Any,  # noqa: ANN401 - whatever the class takes
    ) -> None:
        super().__init__()
        if weights < 1:
            message = f"{name}: expected at least one matrix of weights, found {weights}"
            raise MismatchError(message)
        convolution = _find(name)
        settings = _settings(convolution, channels_in, options, bias=bias)
        settings["out_channels"], self.measured = _tried(name, tuple(settings.items()), channels_in, channels_out)
        self.own = nn.Linear(channels_in, channels_out, bias=False) if own else None
        self.convolutions = nn.ModuleList(_OverEdges(convolution, settings) for _ in range(weights))

    @property
    def hops(self) -> int | None:
        """Hops that one application needs, over W of one hop; None = it may see the whole graph."""
        return None if self.measured is None else self.measured.graph

    def forward(self, signal: Tensor, weights: Sequence[Tensor], *, sensor_major: bool = False) -> Tensor:
        """Convolve."""
        if len(weights) != len(self.convolutions):
            message = f"weights: expected {len(self.convolutions)} matrices, found {len(weights)}"
            raise MismatchError(message)
        if sensor_major:
            signal = signal.transpose(-3, -2)
        terms = [] if self.own is None else [self.own(signal)]
        terms += [convolve(signal, w) for convolve, w in zip(self.convolutions, weights, strict=True)]
        out: Tensor = sum(terms[1:], start=terms[0])
        return out.transpose(-3, -2) if sensor_major else out


class _OverEdges(nn.Module):
    """One convolution of PyG, called with one W; leading axes are copies of the graph side by side, in one call."""

    def __init__(self, convolution: type[nn.Module], settings: Mapping[str, Any]) -> None:
        super().__init__()
        inputs = inspect.signature(convolution.forward).parameters
        features = None not in (settings.get(width, 1) for width in ("edge_dim", "in_edge_channels"))
        self.weighs = "edge_weight" in inputs
        self.features = not self.weighs and "edge_attr" in inputs and features
        self.convolution = convolution(**settings)

    def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
        """Convolve (..., N, C)."""
        sensors, channels = signal.shape[-2:]
        check_shape(weights, "N N", name="weights", N=sensors)
        rows = signal.reshape(-1, channels)  # (copies N, C)
        edges, strength = _edges(weights)
        copies = torch.arange(0, len(rows), sensors, device=rows.device)
        edges = (edges[:, None] + copies[:, None]).flatten(1)  # (2, copies, E) -> (2, copies E), rising by target
        strength = strength.repeat(len(copies))
        named = {"edge_weight": strength} if self.weighs else {"edge_attr": strength[:, None]} if self.features else {}
        out: Tensor = self.convolution(rows, edges, **named)
        return out.reshape(*signal.shape[:-1], -1)


def _edges(weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return the edges (2, E), source above target, and their weights (E,); differentiable in the weights."""
    if weights.layout == torch.strided:
        target, source = weights.nonzero(as_tuple=True)
        return torch.stack([source, target]), weights[target, source]
    places = torch.arange(weights.shape[0], device=weights.device)
    target = torch.repeat_interleave(places, weights.crow_indices().diff())
    return torch.stack([weights.col_indices(), target]), weights.values()


def _find(name: str) -> type[nn.Module]:
    """Return the class of a name."""
    from torch_geometric import nn as pyg  # noqa: PLC0415 - seconds of imports that only this needs

    classes = {key: x for key, x in vars(pyg).items() if isinstance(x, type) and issubclass(x, pyg.MessagePassing)}
    if name in classes:
        return classes[name]
    if hasattr(pyg, name):
        message = f"{name}: expected a convolution, a MessagePassing class, found {getattr(pyg, name)!r}"
        raise DataError(message)
    raise UnknownNameError.of("convolution", name, ["GraphConvolution", *sorted(classes)])


def _settings(
    convolution: type[nn.Module], channels_in: int, options: Mapping[str, Any], *, bias: bool
) -> dict[str, Any]:
    """Return the arguments of the constructor, but `out_channels`; refuse classes that cannot be used so."""
    name, takes = convolution.__name__, inspect.signature(convolution.__init__).parameters
    inputs = dict(list(inspect.signature(convolution.forward).parameters.items())[1:])
    needs = [key for key, p in inputs.items() if p.default is p.empty]
    if needs != ["x", "edge_index"] or _required(takes, "num_relations"):
        found = ", ".join(needs if "num_relations" not in takes else dict.fromkeys([*needs, "edge_type"]))
        message = f"{name}: expected a convolution of x along edge_index alone, found one of {found}"
        raise DataError(message)
    if "out_channels" not in takes:
        message = (
            f"{name}: expected a constructor with in_channels and out_channels, found ({', '.join(list(takes)[1:])})"
        )
        raise DataError(message)
    valid = [key for key in takes if key not in _OURS] + ["aggr"] * ("aggr" not in takes)
    for key in options:
        if key not in valid:
            raise UnknownNameError.of(f"setting of {name}", str(key), valid)
    options = {key: _frozen(name, key, value) for key, value in options.items()}
    preset = {"in_channels": channels_in, "edge_dim": 1, "in_edge_channels": 1} | ({} if bias else {"bias": False})
    if "edge_weight" in inputs and "normalize" in takes and takes["normalize"].default is True:
        preset["normalize"] = False
    settings = {key: value for key, value in preset.items() if key in takes} | options
    missing = [str(p) for key, p in takes.items() if _required(takes, key) and key not in {*settings, *_OURS}]
    if missing:
        message = f"{name}: expected its settings {', '.join(missing)} too, as plain data, found {options}"
        raise DataError(message)
    return settings


def _frozen(name: str, key: str, value: Any) -> Any:  # noqa: ANN401 - a setting
    frozen = tuple(value) if isinstance(value, list) else value
    try:
        hash(frozen)
    except TypeError as error:
        message = f"{name}: expected {key} as a number, text, bool, None or a list of them, found {value!r}"
        raise DataError(message) from error
    return frozen


def _required(takes: Mapping[str, inspect.Parameter], key: str) -> bool:
    return key in takes and takes[key].default is inspect.Parameter.empty


@lru_cache(maxsize=256)
def _tried(
    name: str, items: tuple[tuple[str, Any], ...], channels_in: int, channels_out: int
) -> tuple[int, Hops | None]:
    """Return the `out_channels` that make it give `channels_out`, and the hops that it needs.

    It leaves no trace, so that the layers of a model, which ask the same again and again, are answered once.
    """
    convolution, settings = _find(name), dict(items)
    try:
        with torch.random.fork_rng(devices=[]):
            share = channels_out
            trial, found = _trial(convolution, {**settings, "out_channels": share}, channels_in)
            if found != channels_out:
                share = max(1, channels_out**2 // found)
                trial, found = _trial(convolution, {**settings, "out_channels": share}, channels_in)
            hops = measured_hops(trial, channels_in)
    except StgraphError:
        raise
    except _FAILURES as error:
        given = ", ".join(f"{key}={value}" for key, value in settings.items())
        reason = str(error).partition("\n")[0] or type(error).__name__
        message = f"{name}: expected a convolution that works with edges and {given}, found that it fails ({reason})"
        raise DataError(message) from error
    if found != channels_out:
        message = f"{name}: expected settings that can give {channels_out} channels, found {found} with {settings}"
        raise DataError(message)
    return share, hops


def _trial(convolution: type[nn.Module], settings: Mapping[str, Any], channels_in: int) -> tuple[nn.Module, int]:
    """Return one, and how many channels it gives; refuse it where the batch or the order of the sensors matters.

    What it tells apart is what happens in eval: batch normalisation is let through.
    """
    trial, generator = _OverEdges(convolution, settings).double().eval(), torch.Generator().manual_seed(0)
    signal = torch.randn(2, 5, channels_in, generator=generator, dtype=torch.float64)
    weights = torch.rand(5, 5, generator=generator, dtype=torch.float64).triu()
    order = torch.tensor([3, 0, 4, 2, 1])
    with torch.no_grad():
        out, alone = trial(signal, weights), trial(signal[:1], weights)
        relabelled = trial(signal[:, order], weights[order][:, order])
    for answer, found in (
        (alone, "mixes the windows of a batch"),
        (relabelled[:1, order.argsort()], "depends on the order of the sensors"),
    ):
        if not torch.allclose(answer, out[:1]):
            message = (
                f"{convolution.__name__}: expected a convolution of each window over its edges, found one that {found}"
            )
            raise DataError(message)
    return trial, out.shape[-1]
