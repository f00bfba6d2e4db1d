"""Learned parts shared by models; they know weights W, never an adjacency."""

from stgraph.layers.adaptive_graph import AdaptiveGraph as AdaptiveGraph
from stgraph.layers.adaptive_gru import AdaptiveGraphConvolution as AdaptiveGraphConvolution
from stgraph.layers.adaptive_gru import AdaptiveGRU as AdaptiveGRU
from stgraph.layers.attention import Attention as Attention
from stgraph.layers.attention import attend as attend
from stgraph.layers.calendar_embedding import CalendarEmbedding as CalendarEmbedding
from stgraph.layers.gated_temporal_convolution import GatedTemporalConvolution as GatedTemporalConvolution
from stgraph.layers.graph_convolution import GraphConvolution as GraphConvolution
from stgraph.layers.graph_gru import GraphGRU as GraphGRU
from stgraph.layers.known_history import known_history as known_history
from stgraph.layers.last_observed import last_observed as last_observed
from stgraph.layers.neighbour_attention import NeighbourAttention as NeighbourAttention
from stgraph.layers.neighbour_attention import Neighbourhood as Neighbourhood
from stgraph.layers.neighbour_attention import neighbourhood as neighbourhood
from stgraph.layers.sensor_embedding import SensorEmbedding as SensorEmbedding
from stgraph.layers.temporal_attention import TemporalAttention as TemporalAttention
