"""The log knows its best epoch."""

from stgraph.training import Epoch, TrainingLog


def test_best_is_the_epoch_that_was_kept() -> None:
    log = TrainingLog((Epoch(3.0, 2.0, 1.0), Epoch(2.0, 1.0, 1.0), Epoch(1.0, 1.5, 1.0)), best_epoch=1)
    assert log.best == Epoch(2.0, 1.0, 1.0)
    assert TrainingLog().best is None


def test_errors_are_of_the_measure_that_chose() -> None:
    epochs = (Epoch(3.0, 2.0, 1.0, 5.0), Epoch(2.0, 1.0, 1.0, 6.0))
    assert TrainingLog(epochs).errors == (2.0, 1.0)
    assert TrainingLog(epochs, measure="rmse").errors == (5.0, 6.0)
