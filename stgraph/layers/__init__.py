"""Learned parts shared by models; they know weights W, never an adjacency."""

from stgraph.layers.calendar_embedding import CalendarEmbedding as CalendarEmbedding
from stgraph.layers.graph_convolution import GraphConvolution as GraphConvolution
from stgraph.layers.last_observed import last_observed as last_observed
from stgraph.layers.neighbour_attention import NeighbourAttention as NeighbourAttention
from stgraph.layers.neighbour_attention import Neighbourhood as Neighbourhood
from stgraph.layers.neighbour_attention import neighbourhood as neighbourhood
