"""WHERE: sensors, the adjacency between them, and the ways to build, read, convert and cut it."""

from stgraph.graph.adjacency import from_adjacency as from_adjacency
from stgraph.graph.adjacency import is_labelled as is_labelled
from stgraph.graph.adjacency import read_adjacency as read_adjacency
from stgraph.graph.distance import from_distances as from_distances
from stgraph.graph.edges import from_edges as from_edges
from stgraph.graph.interop import from_networkx as from_networkx
from stgraph.graph.interop import from_pyg as from_pyg
from stgraph.graph.interop import to_networkx as to_networkx
from stgraph.graph.interop import to_pyg as to_pyg
from stgraph.graph.khop import k_hop as k_hop
from stgraph.graph.khop import undirected as undirected
from stgraph.graph.knn import from_coordinates as from_coordinates
from stgraph.graph.partition import partition as partition
from stgraph.graph.places import read_places as read_places
from stgraph.graph.sensor_graph import SensorGraph as SensorGraph
from stgraph.graph.sphere import equirectangular as equirectangular
from stgraph.graph.sphere import haversine as haversine
