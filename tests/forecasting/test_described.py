"""What a forecaster says of itself follows from what it is."""

from dataclasses import replace

import numpy as np

from stgraph.forecasting.described import described
from stgraph.training import Epoch, Training, TrainingLog
from tests import contracts
from tests.conftest import World


def test_every_fact_is_said(world: World) -> None:
    one = contracts.forecaster_of("persistence", world)
    log = TrainingLog((Epoch(3.0, 2.5, 1.0), Epoch(2.0, 2.75, 1.0)), best_epoch=0, seconds=61.0)
    trained = replace(one, log=log, training=Training(patches=50), provenance={"series": "speed.csv"})
    facts = described(trained)
    assert facts == trained.describe()
    assert facts["trained"] == "none, 61 s, on patches of 50 sensors, epoch 1 of 2, validation MAE 2.500 km/h"
    squares = replace(log, epochs=(Epoch(3.0, 2.5, 1.0, 4.0), *log.epochs[1:]), measure="rmse")
    assert described(replace(trained, log=squares))["trained"].endswith("epoch 1 of 2, validation RMSE 4.000 km/h")
    assert facts["series"] == "speed.csv"
    assert facts["last observation"] == "2024-01-13 11:30:00"
    assert facts["sensors"] == f"17, {world.graph.adjacency.nnz} edges"
    assert facts["bounds"].startswith("calibrated on ")


def test_what_is_not_known_is_said_too(world: World) -> None:
    one = contracts.forecaster_of("persistence", world)
    facts = described(one.on(world.graph.subgraph(np.arange(16))))
    assert facts["last observation"] == "none: each forecast is to be given some"
    assert facts["bounds"].startswith("carried over from the network trained on, ")
    assert facts["series"] == "another one, after training on: given in memory"
    assert described(replace(one, calibration=None))["bounds"] == "none"
