"""How good a forecaster is, beside the baselines."""

from stgraph.evaluation.congestion import busiest_step as busiest_step
from stgraph.evaluation.congestion import most_changed_sensors as most_changed_sensors
from stgraph.evaluation.evaluate import BASELINES as BASELINES
from stgraph.evaluation.evaluate import Evaluation as Evaluation
from stgraph.evaluation.evaluate import evaluate as evaluate
from stgraph.evaluation.evaluate import fit_baselines as fit_baselines
