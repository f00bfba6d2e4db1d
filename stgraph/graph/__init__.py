"""WHERE: sensors, the adjacency between them, and the ways to build, read, convert and cut it."""

from stgraph.graph.adjacency import from_adjacency as from_adjacency
from stgraph.graph.adjacency import is_labelled as is_labelled
from stgraph.graph.adjacency import read_adjacency as read_adjacency
from stgraph.graph.correlation import from_correlation as from_correlation
from stgraph.graph.corridor import from_corridor as from_corridor
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
from stgraph.graph.radius import from_radius as from_radius
from stgraph.graph.road import from_road as from_road
from stgraph.graph.road_sources import fetch_road as fetch_road
from stgraph.graph.road_sources import read_road as read_road
from stgraph.graph.sensor_graph import SensorGraph as SensorGraph
from stgraph.graph.sphere import haversine as haversine
from stgraph.graph.tables import read_ids as read_ids
from stgraph.graph.tables import read_positions as read_positions
from stgraph.graph.tables import read_table as read_table
from stgraph.graph.writing import write_adjacency as write_adjacency
