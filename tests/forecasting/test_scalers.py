"""Which steps the scaler counts, and how often."""

import numpy as np
import pytest

from stgraph.forecasting.scalers import scaler_of
from stgraph.patches import Window
from stgraph.series import Scaler, Scaling, Split
from stgraph.series.scaling import Over
from tests.conftest import World

SPLIT, WINDOW = Split(0.6, 0.2, 0.2, cut="windows"), Window(6, 4)


def expected(values: np.ndarray, observed: np.ndarray) -> tuple[float, float]:
    measured = values[observed].astype(np.float64)
    return measured.mean(), measured.std()


@pytest.mark.parametrize("over", ["train", "windows", "starts", "everything"])
def test_it_is_that_of_the_steps_laid_out(world: World, over: Over) -> None:
    """591 windows are placed first, 355 of them train."""
    train = round(0.6 * 591)
    steps = {
        "train": np.arange(360),
        "windows": (np.arange(train)[:, None] + np.arange(6)).ravel(),  # a step as often as it is in a history
        "starts": np.arange(train - 1),
        "everything": np.arange(600),
    }[over]
    scaler = scaler_of(world.series, SPLIT, Scaling(over=over), WINDOW)
    for c in range(2):
        found = scaler.mean[c], scaler.deviation[c]
        laid_out = expected(world.series.values[steps, :, c], world.series.observed[steps, :, c])
        assert found == pytest.approx(laid_out, rel=1e-9)


def test_holes_count_as_what_the_scaling_says(world: World) -> None:
    steps = slice(0, 360)
    filled = np.where(world.series.observed[steps], world.series.values[steps], 7.0).astype(np.float64)
    scaler = scaler_of(world.series, Split(), Scaling(counted=7.0), WINDOW)
    np.testing.assert_allclose(scaler.mean, filled.mean((0, 1)), rtol=1e-9)
    np.testing.assert_allclose(scaler.deviation, filled.std((0, 1)), rtol=1e-9)


def test_the_maximum_of_everything(world: World) -> None:
    scaler = scaler_of(world.series, Split(), Scaling("maximum", over="everything"), WINDOW)
    highest = world.series.values.max((0, 1), where=world.series.observed, initial=0).astype(float)
    assert scaler == Scaler((0.0, 0.0), tuple(highest.tolist()), (0.0, 0.0))
