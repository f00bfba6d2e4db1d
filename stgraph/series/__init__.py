"""WHEN: series of measured values, their splits, scaling and calendar."""

from stgraph.series.archive import read_npz as read_npz
from stgraph.series.archive import write_npz as write_npz
from stgraph.series.calendar import calendar_of as calendar_of
from stgraph.series.long import from_long as from_long
from stgraph.series.observed import ObservedRule as ObservedRule
from stgraph.series.origin import source_sha256 as source_sha256
from stgraph.series.pems import read_pems as read_pems
from stgraph.series.pems_rows import StationChoice as StationChoice
from stgraph.series.readers import read_csv as read_csv
from stgraph.series.readers import read_series as read_series
from stgraph.series.resample import resample as resample
from stgraph.series.scaling import Scaler as Scaler
from stgraph.series.scaling import Scaling as Scaling
from stgraph.series.split import Part as Part
from stgraph.series.split import Ranges as Ranges
from stgraph.series.split import Split as Split
from stgraph.series.stations import read_pems_stations as read_pems_stations
from stgraph.series.store import is_store as is_store
from stgraph.series.store import open_series as open_series
from stgraph.series.store import write_store as write_store
from stgraph.series.storing import store_files as store_files
from stgraph.series.suspects import suspects as suspects
from stgraph.series.times import Times as Times
from stgraph.series.traffic_series import TrafficSeries as TrafficSeries
from stgraph.series.traffic_series import with_units as with_units
from stgraph.series.wide import from_wide as from_wide
