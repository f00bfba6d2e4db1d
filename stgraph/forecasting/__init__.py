"""Fit a forecaster, forecast the dated future, save and load."""

from stgraph.forecasting.calibrate import calibrate as calibrate
from stgraph.forecasting.conformal import Calibration as Calibration
from stgraph.forecasting.estimate import Estimate as Estimate
from stgraph.forecasting.estimate import estimate as estimate
from stgraph.forecasting.feed import read_newest as read_newest
from stgraph.forecasting.fit import fit as fit
from stgraph.forecasting.fit import resume as resume
from stgraph.forecasting.forecast import Forecast as Forecast
from stgraph.forecasting.forecaster import Forecaster as Forecaster
from stgraph.forecasting.inputs import Inputs as Inputs
from stgraph.forecasting.inputs import read_dataset as read_dataset
from stgraph.forecasting.inputs import read_graph_of as read_graph_of
from stgraph.forecasting.inputs import read_inputs as read_inputs
from stgraph.forecasting.inputs import read_like as read_like
from stgraph.forecasting.inputs import reopen_inputs as reopen_inputs
from stgraph.forecasting.inputs import reopen_series as reopen_series
from stgraph.forecasting.moment import measured_before as measured_before
from stgraph.forecasting.networks import fit_networks as fit_networks
from stgraph.forecasting.refit import refit as refit
from stgraph.forecasting.rollout import steps_until as steps_until
from stgraph.forecasting.run_folder import load as load
from stgraph.forecasting.run_folder import save as save
from stgraph.forecasting.sensors import read_sensors as read_sensors
from stgraph.forecasting.similarity import correlation_graph as correlation_graph
from stgraph.forecasting.unfinished import check_free as check_free
from stgraph.forecasting.unfinished import progress as progress
