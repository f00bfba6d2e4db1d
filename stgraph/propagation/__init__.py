"""F(S, A) = sum over k of W_k S: from adjacency to weights, and the sum itself."""

from stgraph.propagation.gather import Gather as Gather
from stgraph.propagation.propagate import propagate as propagate
from stgraph.propagation.weights import WeightSpec as WeightSpec
from stgraph.propagation.weights import build_weights as build_weights
