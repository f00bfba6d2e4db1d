"""Traffic data to start from; one file, one source."""

from stgraph.datasets.files import write_files as write_files
from stgraph.datasets.incidents import IncidentLabel as IncidentLabel
from stgraph.datasets.synthetic import SyntheticTraffic as SyntheticTraffic
from stgraph.datasets.synthetic import synthetic as synthetic
