"""Pictures of forecasts, errors and networks."""

from stgraph.plots.horizon import error_by_lead as error_by_lead
from stgraph.plots.network import network as network
from stgraph.plots.series import forecast as forecast
from stgraph.plots.style import save as save
