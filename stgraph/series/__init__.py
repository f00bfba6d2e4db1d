"""WHEN: series of measured values, their splits, scaling and calendar."""

from stgraph.series.archive import is_own_npz as is_own_npz
from stgraph.series.archive import read_npz as read_npz
from stgraph.series.archive import write_npz as write_npz
from stgraph.series.calendar import calendar_of as calendar_of
from stgraph.series.duplicates import Duplicates as Duplicates
from stgraph.series.long import from_long as from_long
from stgraph.series.observed import ObservedRule as ObservedRule
from stgraph.series.readers import read_series as read_series
from stgraph.series.resample import resample as resample
from stgraph.series.resampling import Resampling as Resampling
from stgraph.series.scaling import Scaler as Scaler
from stgraph.series.scaling import Scaling as Scaling
from stgraph.series.split import Part as Part
from stgraph.series.split import Ranges as Ranges
from stgraph.series.split import Split as Split
from stgraph.series.suspects import suspects as suspects
from stgraph.series.times import TimeLike as TimeLike
from stgraph.series.times import Times as Times
from stgraph.series.traffic_series import TrafficSeries as TrafficSeries
from stgraph.series.traffic_series import with_units as with_units
from stgraph.series.units import converted as converted
from stgraph.series.wide import from_wide as from_wide
