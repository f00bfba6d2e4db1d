"""The spatial layer of a model by name: ours, or any convolution of PyTorch Geometric."""

import ast
from typing import Any

from stgraph.errors import DataError
from stgraph.layers.graph_convolution import GraphConvolution
from stgraph.layers.measured_hops import Hops
from stgraph.layers.pyg_convolution import PyGConvolution


def spatial_convolution(
    spatial: str,
    channels_in: int,
    channels_out: int,
    weights: int,
    *,
    powers: int = 1,
    own: bool = True,
    bias: bool = True,
) -> GraphConvolution | PyGConvolution:
    """Return the convolution that a model's setting `spatial` names.

    Args:
        spatial: ``"GraphConvolution"``, or a class of torch_geometric.nn, with or without settings of its own:
            ``"GATv2Conv"``, ``"ChebConv(K=3)"``, ``"TransformerConv(heads=4)"``.
        channels_in: C.
        channels_out: C'.
        weights: number of W_k.
        powers: highest power of each W_k; of ours alone, others have settings of their own (``"TAGConv(K=2)"``).
        own: whether there is a term of the sensor itself.
        bias: whether there is a bias, where the class can do without.

    Raises:
        UnknownNameError: no such convolution, or it has no such setting; suggests the nearest.
        DataError: text that is neither a name nor a call, or a convolution that cannot be used so.

    >>> spatial_convolution("GATv2Conv(heads=4)", 16, 32, 2).convolutions[0].convolution
    GATv2Conv(16, 8, heads=4)
    """
    name, options = _read(spatial)
    if name == GraphConvolution.__name__:
        if options:
            message = f"spatial: GraphConvolution has no settings, found {spatial!r}"
            raise DataError(message)
        return GraphConvolution(channels_in, channels_out, weights, powers=powers, own=own, bias=bias)
    return PyGConvolution(name, channels_in, channels_out, weights, own=own, bias=bias, **options)


def hops_of(convolution: GraphConvolution | PyGConvolution) -> Hops | None:
    """Return how far one application sees, over W of one hop; None = it may see the whole graph."""
    return convolution.measured if isinstance(convolution, PyGConvolution) else Hops(graph=1, signal=1)


def _read(text: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings of ``Name`` or ``Name(setting=value, ...)``."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if isinstance(call, ast.Name):
            return call.id, {}
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            options = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
            return call.func.id, options
    except (SyntaxError, ValueError):
        pass
    message = f"spatial: expected a convolution, as GATv2Conv or ChebConv(K=3), found {text!r}"
    raise DataError(message)
