"""Traffic data to start from; one file, one source."""

from stgraph.datasets.catalogue import DATASETS as DATASETS
from stgraph.datasets.catalogue import find_dataset as find_dataset
from stgraph.datasets.catalogue import load as load
from stgraph.datasets.dataset import Dataset as Dataset
from stgraph.datasets.dataset import Source as Source
from stgraph.datasets.facts import Address as Address
from stgraph.datasets.facts import DataFile as DataFile
from stgraph.datasets.facts import DatasetFacts as DatasetFacts
from stgraph.datasets.fetch import fetch as fetch
from stgraph.datasets.files import write_files as write_files
from stgraph.datasets.incidents import IncidentLabel as IncidentLabel
from stgraph.datasets.network_traffic import network_traffic as network_traffic
from stgraph.datasets.places import data_folder as data_folder
from stgraph.datasets.places import locate as locate
from stgraph.datasets.road_network import RoadNetwork as RoadNetwork
from stgraph.datasets.road_network import road_network as road_network
from stgraph.datasets.synthetic import SyntheticTraffic as SyntheticTraffic
from stgraph.datasets.synthetic import synthetic as synthetic
