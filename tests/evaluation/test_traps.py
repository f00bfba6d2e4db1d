"""Published habits, each a small function, each another number than ours on the same forecasts.

Truth of T steps on N sensors: speed with two jams, single holes and an hour in which the whole network is silent.
Holes stand as zeros in the arrays, as in METR-LA; the forecast repeats the speed before the window.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stgraph.metrics import ErrorTable, MaskedErrors
from stgraph.series import Scaler, TrafficSeries

Floats = NDArray[np.float64]
STEPS, SENSORS, HORIZON = 220, 8, 12
WINDOWS = STEPS - HORIZON - 1  # 207 = 3 x 64 + 15 = 4 x 50 + 7


@dataclass(frozen=True)
class Scene:
    """Forecasts and truths (M, H, N), with 0 where nothing was observed."""

    forecast: Floats
    truth: Floats
    observed: NDArray[np.bool_]


def speed_and_observed() -> tuple[Floats, NDArray[np.bool_]]:
    rng, clock = np.random.default_rng(0), np.arange(STEPS)[:, None]
    jams = 30 * np.exp(-(((clock - 60) / 10) ** 2)) + 45 * np.exp(-(((clock - 205) / 12) ** 2))
    observed = rng.random((STEPS, SENSORS)) > 0.1
    observed[115:195] = False
    return 62 - jams + rng.normal(0, 1.5, (STEPS, SENSORS)), observed


@pytest.fixture(scope="module")
def scene() -> Scene:
    speed, observed = speed_and_observed()
    steps = 1 + np.arange(WINDOWS)[:, None] + np.arange(HORIZON)
    last = np.repeat(speed[steps[:, :1] - 1], HORIZON, axis=1)
    return Scene(last, np.where(observed, speed, 0.0)[steps], observed[steps])


def ours(forecast: Floats, truth: Floats, observed: NDArray[np.bool_], size: int = 64) -> ErrorTable:
    errors = MaskedErrors(threshold=1.0)
    for k in range(0, len(truth), size):
        f, y, m = (torch.from_numpy(x[k : k + size, ..., None]) for x in (forecast, truth, observed))
        errors.update(f, y, m)
    return errors.compute()


def mae(scene: Scene, size: int = 64) -> float:
    return float(ours(scene.forecast, scene.truth, scene.observed, size).up_to["MAE"][-1, 0])


def masked_mae(forecast: Floats, truth: Floats, hole: float = 0.0) -> float:
    """The function that nearly all of them share: a batch of holes alone has error 0."""
    seen = truth != hole
    return float(np.abs(forecast - truth)[seen].mean()) if seen.any() else 0.0


# chnsh/DCRNN_PyTorch (#16), chaoshangcs/GTS (#19), deepkashiwa20/MegaCRN (#1, #3)
def mean_of_batch_means(scene: Scene, size: int) -> float:
    batches = range(0, len(scene.truth), size)
    return float(np.mean([masked_mae(scene.forecast[k : k + size], scene.truth[k : k + size]) for k in batches]))


# deepkashiwa20/MegaCRN; LibCity/Bigscity-LibCity (pad_with_last_sample: true)
def padded_with_the_last_sample(scene: Scene, size: int) -> float:
    short = -len(scene.truth) % size
    forecast, truth = (np.concatenate([x, np.repeat(x[-1:], short, axis=0)]) for x in (scene.forecast, scene.truth))
    return masked_mae(forecast, truth)


# liuxu77/LargeST: its loader rounds the number of batches down
def last_batch_dropped(scene: Scene, size: int) -> float:
    whole = len(scene.truth) // size * size
    return masked_mae(scene.forecast[:whole], scene.truth[:whole])


# liyaguang/DCRNN and all that keep its generate_training_data and StandardScaler
def scaler_with_zeros(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std())


# liuxu77/LargeST (mask_value = label.min() if label.min() < 1)
def mask_of_the_least_label(forecast: Floats, truth: Floats) -> float:
    return masked_mae(forecast, truth, hole=truth.min() if truth.min() < 1 else 0.0)


# deepkashiwa20/DL-Traff-Graph (#1)
def unmasked_mae(scene: Scene) -> float:
    return float(np.abs(scene.forecast - scene.truth).mean())


# LibCity/Bigscity-LibCity (#220, #402); BUAABIGSCity/PDFormer (#31)
def mape_without_threshold(forecast: Floats, truth: Floats) -> float:
    with np.errstate(divide="ignore"):
        return float(100 * (np.abs(forecast - truth) / np.abs(truth)).mean())


def test_without_the_habits_the_plain_formula_is_ours(scene: Scene) -> None:
    expected = np.abs(scene.forecast - scene.truth)[scene.observed].mean()
    for size in (1, 7, 64, 1000):
        assert mae(scene, size) == pytest.approx(expected, rel=1e-12)
    assert masked_mae(scene.forecast, scene.truth) == pytest.approx(expected, rel=1e-12)


def test_a_mean_of_batch_means_depends_on_the_batch_size(scene: Scene) -> None:
    small, large = (mean_of_batch_means(scene, size) for size in (8, 64))
    assert large - small > 1.0
    assert small < mae(scene) - 0.5
    assert large > mae(scene) + 0.5


@pytest.mark.parametrize("size", [50, 64])
def test_a_padded_last_batch_counts_its_last_sample_again_and_again(scene: Scene, size: int) -> None:
    """The copies are scored as if they were measured; here they are of a jam."""
    short = -WINDOWS % size
    repeated = np.concatenate([np.arange(WINDOWS), np.full(short, WINDOWS - 1)])
    copies = Scene(scene.forecast[repeated], scene.truth[repeated], scene.observed[repeated])
    assert padded_with_the_last_sample(scene, size) == pytest.approx(mae(copies))
    assert padded_with_the_last_sample(scene, size) > mae(scene) + 0.5


def test_a_dropped_last_batch_is_never_scored(scene: Scene) -> None:
    """Here the day ends in a jam, and how much of it goes unscored depends on the batch size."""
    assert last_batch_dropped(scene, 50) < mae(scene) - 0.1
    assert last_batch_dropped(scene, 64) < last_batch_dropped(scene, 50) - 0.5
    for size in (50, 64):
        assert ours(scene.forecast, scene.truth, scene.observed, size).count.sum() == scene.observed.sum()


def test_zeros_for_holes_move_the_mean_and_the_deviation() -> None:
    speed, observed = speed_and_observed()
    times = np.datetime64("2024-03-04", "ns") + np.arange(STEPS) * np.timedelta64(5, "m")
    values = np.where(observed, speed, 0.0)[..., None]
    sensors = tuple(f"s{n}" for n in range(SENSORS))
    series = TrafficSeries(values.astype(np.float32), observed[..., None], times, sensors, ("speed",), ("km/h",))
    scaler = Scaler.fit(series, [(0, STEPS)])
    mean, deviation = scaler_with_zeros(values)
    assert scaler.mean[0] == pytest.approx(speed[observed].mean())
    assert scaler.deviation[0] == pytest.approx(speed[observed].std())
    assert mean == pytest.approx(scaler.mean[0] * observed.mean())
    assert mean < scaler.mean[0] - 15
    assert deviation > scaler.deviation[0] + 10


def test_the_least_label_as_a_mask_hides_quiet_streets_and_the_worst_of_a_jam(scene: Scene) -> None:
    """Zero vehicles is a count; and where a queue crawls in a batch without holes, its least speed is a value too."""
    flow, expected, observed = quiet_street()
    table = ours(expected, flow, observed)
    assert table.up_to["MAE"][-1, 0] == pytest.approx(np.abs(expected - flow).mean())
    assert mask_of_the_least_label(expected, flow) < table.up_to["MAE"][-1, 0] - 0.1
    jam = np.array([[[60.0, 30.0, 0.5]]])
    guess = np.full_like(jam, 50.0)
    assert ours(guess, jam, np.ones_like(jam, dtype=bool)).up_to["MAE"][-1, 0] == pytest.approx((10 + 20 + 49.5) / 3)
    assert mask_of_the_least_label(guess, jam) == pytest.approx((10 + 20) / 2)
    assert mask_of_the_least_label(scene.forecast, scene.truth) == pytest.approx(mae(scene))  # as long as holes are 0


def test_an_unmasked_mae_counts_how_far_the_forecast_is_from_no_measurement(scene: Scene) -> None:
    share = scene.observed.mean()
    on_holes = scene.forecast[~scene.observed].mean()
    assert unmasked_mae(scene) == pytest.approx(share * mae(scene) + (1 - share) * on_holes)
    assert unmasked_mae(scene) > mae(scene) + 20


def test_mape_without_a_threshold_is_infinite_where_a_truth_is_zero() -> None:
    flow, expected, observed = quiet_street()
    assert np.isinf(mape_without_threshold(expected, flow))
    share = 100 * np.abs(expected - flow)[flow >= 1] / flow[flow >= 1]
    table = ours(expected, flow, observed)
    assert table.up_to["MAPE"][-1, 0] == pytest.approx(share.mean())
    assert table.threshold == 1.0


def quiet_street() -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Vehicles in each interval at night, what one would expect, and that all of it was measured."""
    flow = np.random.default_rng(1).poisson(1.5, (60, HORIZON, SENSORS)).astype(float)
    return flow, np.full_like(flow, 1.5), np.ones(flow.shape, dtype=bool)
