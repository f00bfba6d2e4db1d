"""Errors of forecasts: per element, then as streaming masked sums."""

from stgraph.metrics.errors import absolute_error as absolute_error
from stgraph.metrics.errors import percentage_error as percentage_error
from stgraph.metrics.errors import squared_error as squared_error
from stgraph.metrics.masked import HIGHER_IS_BETTER as HIGHER_IS_BETTER
from stgraph.metrics.masked import METRICS as METRICS
from stgraph.metrics.masked import ErrorTable as ErrorTable
from stgraph.metrics.masked import MaskedErrors as MaskedErrors
