"""How good a forecaster is, beside the baselines."""

from stgraph.evaluation.backtest import backtest as backtest
from stgraph.evaluation.backtest_result import Backtest as Backtest
from stgraph.evaluation.compare import compare as compare
from stgraph.evaluation.compare import reopen_common_series as reopen_common_series
from stgraph.evaluation.comparison import Comparison as Comparison
from stgraph.evaluation.comparison import Difference as Difference
from stgraph.evaluation.congestion import busiest_step as busiest_step
from stgraph.evaluation.congestion import most_changed_sensors as most_changed_sensors
from stgraph.evaluation.diebold_mariano import diebold_mariano as diebold_mariano
from stgraph.evaluation.evaluate import BASELINES as BASELINES
from stgraph.evaluation.evaluate import check_part as check_part
from stgraph.evaluation.evaluate import evaluate as evaluate
from stgraph.evaluation.evaluate import fit_baselines as fit_baselines
from stgraph.evaluation.evaluation import Evaluation as Evaluation
from stgraph.evaluation.hard_parts import PEAK as PEAK
from stgraph.evaluation.hard_parts import abrupt_changes as abrupt_changes
from stgraph.evaluation.hard_parts import describe_abrupt as describe_abrupt
from stgraph.evaluation.hard_parts import incident_steps as incident_steps
from stgraph.evaluation.hard_parts import peak_hours as peak_hours
from stgraph.evaluation.protocol import PROTOCOLS as PROTOCOLS
from stgraph.evaluation.protocol import Protocol as Protocol
from stgraph.evaluation.protocol import find_protocol as find_protocol
from stgraph.evaluation.report import write_report as write_report
