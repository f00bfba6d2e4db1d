"""Errors of forecasts, and scores of their bounds: per element, then as streaming masked sums."""

from stgraph.metrics.errors import absolute_error as absolute_error
from stgraph.metrics.errors import percentage_error as percentage_error
from stgraph.metrics.errors import squared_error as squared_error
from stgraph.metrics.masked import HIGHER_IS_BETTER as HIGHER_IS_BETTER
from stgraph.metrics.masked import METRICS as METRICS
from stgraph.metrics.masked import ErrorTable as ErrorTable
from stgraph.metrics.masked import MaskedErrors as MaskedErrors
from stgraph.metrics.probabilistic import INTERVAL_METRICS as INTERVAL_METRICS
from stgraph.metrics.probabilistic import IntervalTable as IntervalTable
from stgraph.metrics.probabilistic import MaskedIntervals as MaskedIntervals
from stgraph.metrics.probabilistic import interval_score as interval_score
from stgraph.metrics.probabilistic import pinball_loss as pinball_loss
