"""Protocols: the published counts, scalers and habits, and what stays clean."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from stgraph.errors import UnknownNameError
from stgraph.evaluation import evaluate
from stgraph.evaluation.protocol import PROTOCOLS, Protocol, find_protocol
from stgraph.forecasting import Forecaster, fit
from stgraph.forecasting.scalers import scaler_of
from stgraph.patches import Window
from stgraph.series import Part, Scaler, TrafficSeries
from tests.conftest import World

PARTS: tuple[Part, ...] = ("train", "validation", "test")


def five_minutes(steps: int, sensors: int = 1, *, holes: float = 0.0, seed: int = 0) -> TrafficSeries:
    """Speeds every five minutes, with a 0 in every hole as METR-LA has them."""
    rng = np.random.default_rng(seed)
    observed = rng.random((steps, sensors, 1)) >= holes
    wave = 50 + 15 * np.sin(2 * np.pi * np.arange(steps) / 288)
    values = (wave[:, None] + rng.normal(0, 2, (steps, sensors)))[..., None]
    return TrafficSeries(
        values=np.where(observed, values, 0.0),
        observed=observed,
        times=np.datetime64("2012-03-01", "ns") + np.arange(steps) * np.timedelta64(5, "m"),
        sensors=tuple(f"s{n}" for n in range(sensors)),
        channels=("speed",),
        units=("mph",),
    )


def counts(protocol: Protocol, steps: int, history: int = 12, horizon: int = 12) -> tuple[int, ...]:
    series = five_minutes(steps)
    return tuple(len(Window(history, horizon).place_part(series, protocol.split, part)) for part in PARTS)


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [
        ("dcrnn", 34_272, (23_974, 3_425, 6_850)),  # METR-LA
        ("dcrnn", 52_116, (36_465, 5_209, 10_419)),  # PEMS-BAY
        ("basicts", 34_272, (23_967, 3_404, 6_832)),
        ("pems", 16_992, (10_181, 3_394, 3_394)),  # PEMS04
        ("largest", 35_040, (21_010, 7_003, 7_004)),  # one year of 15 minutes
        ("tgcn", 2_016, (1_588, 0, 380)),  # LOS-loop at 60 minutes
        ("clean", 2_016, (1_187, 380, 380)),
    ],
)
def test_the_parts_have_the_published_numbers_of_windows(name: str, steps: int, expected: tuple[int, ...]) -> None:
    assert counts(PROTOCOLS[name], steps) == expected


@pytest.mark.parametrize(("horizon", "windows"), [(3, 389), (6, 386), (9, 383), (12, 380)])
def test_tgcn_loses_the_last_window(horizon: int, windows: int) -> None:
    assert counts(PROTOCOLS["tgcn"], 2_016, 12, horizon)[2] == windows
    kept = replace(PROTOCOLS["tgcn"].split, cut="steps")
    assert len(Window(12, horizon).place_part(five_minutes(2_016), kept, "test")) == windows + 1


def scaler(name: str, series: TrafficSeries) -> Scaler:
    protocol = PROTOCOLS[name]
    return scaler_of(protocol.scaling.applied(series), protocol.split, protocol.scaling, Window(12, 12))


def test_each_scaler_is_that_of_its_source() -> None:
    """The same numbers from slow arrays: stacked histories, raw slices, everything."""
    series = five_minutes(600, 3, holes=0.2)
    raw = series.values[..., 0].astype(np.float64)
    stacked = np.stack([raw[t : t + 12] for t in range(600 - 23)])  # all windows, zeros and all
    seen = {
        "dcrnn": stacked[: round(0.7 * len(stacked))],
        "pems": stacked[: int(0.6 * len(stacked))],
        "largest": raw[: round(0.6 * len(stacked)) - 1],
        "basicts": raw[: int(0.7 * 600)],
    }
    for name, values in seen.items():
        found = scaler(name, series)
        assert found.mean[0] == pytest.approx(values.mean(), rel=1e-9), name
        assert found.deviation[0] == pytest.approx(values.std(), rel=1e-9), name
    assert scaler("tgcn", series) == Scaler((0.0,), (float(raw.max()),), (0.0,))
    measured = raw[:360][series.observed[:360, :, 0]]
    assert scaler("clean", series).mean[0] == pytest.approx(measured.mean(), rel=1e-9)
    assert scaler("clean", series).deviation[0] == pytest.approx(measured.std(), rel=1e-9)


def test_zeros_in_the_scaler_move_it_by_what_they_weigh() -> None:
    series = five_minutes(600, 3, holes=0.2)
    clean, dirty = scaler("clean", series), scaler("basicts", series)
    assert dirty.mean[0] < 0.85 * clean.mean[0]
    assert dirty.deviation[0] > 1.5 * clean.deviation[0]


def persistence(name: str, series: TrafficSeries, world: World, horizon: int = 12) -> Forecaster:
    protocol = PROTOCOLS[name]
    graph = world.graph.subgraph(np.arange(len(series.sensors)))
    graph = replace(graph, ids=series.sensors)
    return fit(series, graph, "persistence", horizon=horizon, split=protocol.split, scaling=protocol.scaling)


def test_tgcns_figures_are_those_of_its_code(world: World) -> None:
    """Persistence, every value scored, all steps up to h in one RMSE: the loop over raw arrays."""
    series = five_minutes(500, 4, holes=0.1)
    raw = series.values[..., 0].astype(np.float64)[400:]
    for horizon in (3, 6):
        squares = [
            (raw[t + 12 : t + 12 + horizon] - raw[t + 11]) ** 2 for t in range(len(raw) - 12 - horizon)
        ]  # range() without + 1: the last window is lost
        found = evaluate({"persistence": persistence("tgcn", series, world, horizon)}, series)
        assert found.windows == len(squares)
        assert found.errors["persistence"].up_to["RMSE"][-1, 0] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-5)


def test_a_hole_is_shown_and_scored_as_its_protocol_says(world: World) -> None:
    series = five_minutes(500, 4, holes=0.3)
    for name, (zero, scored) in {
        "clean": (False, False),
        "dcrnn": (True, False),
        "basicts": (False, False),
        "tgcn": (True, True),
    }.items():
        forecaster = persistence(name, series, world)
        batches = forecaster.batches(series, "test")
        batch, first = next(iter(batches)), int(batches.placed.start[0])
        assert batch.target_observed is not None
        assert bool(batch.target_observed.all()) == scored
        shown = batch.signal[0].numpy()[~series.observed[first : first + 12]]
        expected = -forecaster.scaler.mean[0] / forecaster.scaler.deviation[0] if zero else 0.0
        np.testing.assert_allclose(shown, expected, rtol=1e-6)


def test_under_clean_nothing_of_a_later_part_is_in_an_earlier_one() -> None:
    series = five_minutes(2_000)
    window, split = Window(12, 12), PROTOCOLS["clean"].split
    steps = [set(window.place_part(series, split, part).steps()[0].ravel().tolist()) for part in PARTS]
    assert all(max(one) < min(later) for one, later in pairwise(steps))
    across = [
        set(window.place_part(series, PROTOCOLS["dcrnn"].split, part).steps()[0].ravel().tolist()) for part in PARTS
    ]
    assert all(max(one) > min(later) for one, later in pairwise(across))


def test_a_protocol_says_what_it_is_with_its_exceptions() -> None:
    for name, protocol in PROTOCOLS.items():
        said = protocol.describe()
        assert said["protocol"].startswith(name)
        assert (said["exceptions to our laws"] == "none") == (name == "clean")
    assert "chosen on the test part" in PROTOCOLS["tgcn"].describe()["exceptions to our laws"]
    assert PROTOCOLS["tgcn"].describe()["epoch chosen on"] == "the test part"


def test_an_unknown_protocol_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'largest'"):
        find_protocol("largets")
