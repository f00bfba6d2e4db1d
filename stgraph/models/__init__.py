"""Forecasting models: one file, one paper."""

from typing import Final

from stgraph.models.a3tgcn import A3TGCN as A3TGCN
from stgraph.models.agcrn import AGCRN as AGCRN
from stgraph.models.astgcn import ASTGCN as ASTGCN
from stgraph.models.base import ForecastModel as ForecastModel
from stgraph.models.base import Task as Task
from stgraph.models.d2stgnn import D2STGNN as D2STGNN
from stgraph.models.dcrnn import DCRNN as DCRNN
from stgraph.models.gat import GAT as GAT
from stgraph.models.gcn import GCN as GCN
from stgraph.models.gman import GMAN as GMAN
from stgraph.models.graph_wavenet import GraphWaveNet as GraphWaveNet
from stgraph.models.graphsage import GraphSAGE as GraphSAGE
from stgraph.models.gru import GRU as GRU
from stgraph.models.historical_average import HistoricalAverage as HistoricalAverage
from stgraph.models.linear_regression import LinearRegression as LinearRegression
from stgraph.models.megacrn import MegaCRN as MegaCRN
from stgraph.models.moved import check_inductive as check_inductive
from stgraph.models.moved import moved as moved
from stgraph.models.mtgnn import MTGNN as MTGNN
from stgraph.models.patchnet import PatchNet as PatchNet
from stgraph.models.persistence import Persistence as Persistence
from stgraph.models.registry import build_model as build_model
from stgraph.models.registry import catalogue as catalogue
from stgraph.models.registry import find_model as find_model
from stgraph.models.staeformer import STAEformer as STAEformer
from stgraph.models.stgcn import STGCN as STGCN
from stgraph.models.stid import STID as STID
from stgraph.models.stnorm import STNorm as STNorm
from stgraph.models.svr import SVR as SVR
from stgraph.models.tgcn import TGCN as TGCN

MODELS: Final = catalogue(vars())
"""Every model by the name the command line uses."""
