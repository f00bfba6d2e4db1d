"""One mean and deviation a channel, of what is observed in training; scale and back is the identity."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import Sample, Scaler, Scaling, blocks, converted, factors_of
from tests.conftest import World, road, traffic

RANGES = ((0, 100), (150, 360))


def test_it_is_the_mean_and_deviation_of_what_is_observed_in_training(world: World) -> None:
    scaler = Scaler.fit(world.series, RANGES)
    steps = np.r_[0:100, 150:360]
    for c in range(2):
        seen = world.series.values[steps, :, c][world.series.observed[steps, :, c]].astype(np.float64)
        assert scaler.mean[c] == pytest.approx(seen.mean(), rel=1e-12)
        assert scaler.deviation[c] == pytest.approx(seen.std(), rel=1e-12)


def test_values_under_the_mask_or_after_training_have_no_influence(world: World) -> None:
    values = np.where(world.series.observed, world.series.values, np.float32(1e9))
    values[360:] = -1e9
    assert Scaler.fit(replace(world.series, values=values), RANGES) == Scaler.fit(world.series, RANGES)


def test_zeros_in_the_scaler_would_be_another_number(world: World) -> None:
    zeros = np.where(world.series.observed, world.series.values, np.float32(0))
    with_zeros = replace(world.series, values=zeros, observed=np.ones_like(world.series.observed))
    assert abs(Scaler.fit(with_zeros, RANGES).mean[0] - Scaler.fit(world.series, RANGES).mean[0]) > 5


def test_blocks_of_a_long_series_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    series = traffic(road(4, extra=False), steps=900)
    seen = series.values[..., 0][series.observed[..., 0]].astype(np.float64)
    monkeypatch.setattr(blocks, "CELLS", 800)
    assert len(list(blocks.blocks(0, 900, 8))) == 10
    assert Scaler.fit(series, [(0, len(series))]).deviation[0] == pytest.approx(seen.std(), rel=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_scale_then_unscale_is_the_identity(values: list[float], mean: float, deviation: float) -> None:
    scaler, x = Scaler((mean,), (deviation,)), np.array(values)[:, None]
    np.testing.assert_allclose(scaler.unscale(scaler.scale(x)), x, rtol=1e-9, atol=1e-6)


def test_a_constant_channel_has_deviation_one(world: World) -> None:
    flat = replace(world.series, values=np.full_like(world.series.values, 0.1))
    assert Scaler.fit(flat, RANGES).deviation == (1.0, 1.0)


def test_nothing_observed_names_the_channel(world: World) -> None:
    observed = world.series.observed.copy()
    observed[:360, :, 1] = False
    with pytest.raises(DataError, match=r"\['flow'\]"):
        Scaler.fit(replace(world.series, observed=observed), RANGES)


def test_a_channel_that_was_never_negative_is_bounded_by_zero(world: World) -> None:
    values = world.series.values.copy()
    values[5, 0, 1] = -1.0
    observed = world.series.observed.copy()
    observed[5, 0, 1] = True
    scaler = Scaler.fit(replace(world.series, values=values, observed=observed), RANGES)
    assert scaler.lowest == (0.0, -math.inf)
    assert scaler.select([1]).lowest == (-math.inf,)
    observed[5, 0, 1] = False
    assert Scaler.fit(replace(world.series, values=values, observed=observed), RANGES).lowest == (0.0, 0.0)


@pytest.mark.parametrize(
    ("mean", "deviation", "lowest"),
    [
        ((1.0, 2.0), (1.0,), ()),
        ((1.0,), (1.0,), (0.0, 0.0)),
        ((math.nan,), (1.0,), ()),
        ((1.0,), (0.0,), ()),
        ((1.0,), (math.inf,), ()),
        ((1.0,), (-1.0,), ()),
    ],
)
def test_numbers_that_scale_nothing_are_refused(
    mean: tuple[float, ...], deviation: tuple[float, ...], lowest: tuple[float, ...]
) -> None:
    with pytest.raises(DataError, match="as many finite means as finite deviations above 0"):
        Scaler(mean, deviation, lowest)


def test_zeros_are_values_only_where_it_says_so(world: World) -> None:
    assert Scaling().applied(world.series) is world.series
    filled = Scaling(zeros_are_values=True).applied(world.series)
    assert filled.observed.all()
    assert (filled.values[~world.series.observed] == 0).all()
    np.testing.assert_array_equal(filled.values[world.series.observed], world.series.values[world.series.observed])
    with pytest.raises(DataError, match=r"scaling: expected over out of .* found 'test'"):
        Scaling(over="test")  # type: ignore[arg-type]


def test_the_scaler_in_other_units_is_that_of_the_series_in_them(world: World) -> None:
    ours, series = Scaler.fit(world.series, [(0, 300)]), converted(world.series, ("mph", "veh/min"))
    theirs = Scaler.fit(series, [(0, 300)])
    moved = ours.times(factors_of(world.series.channels, world.series.units, series.units))
    np.testing.assert_allclose(moved.mean, theirs.mean, rtol=1e-6)
    np.testing.assert_allclose(moved.deviation, theirs.deviation, rtol=1e-6)
    assert moved.lowest == theirs.lowest


def test_the_scaler_of_several_series_is_that_of_all_their_values_in_any_order(world: World) -> None:
    other = traffic(road(5, extra=False), steps=90, seed=7)
    samples = [Sample(world.series, RANGES), Sample(other, ((0, 90),)), Sample(world.series, ((500, 600),))]
    scaler = Scaler.pooled(samples)
    for c in range(2):
        parts = [(of.series.values[a:b, :, c], of.series.observed[a:b, :, c]) for of in samples for a, b in of.ranges]
        seen = np.concatenate([values[known] for values, known in parts]).astype(np.float64)
        assert scaler.mean[c] == pytest.approx(seen.mean(), rel=1e-12)
        assert scaler.deviation[c] == pytest.approx(seen.std(), rel=1e-12)
    assert Scaler.pooled(samples[::-1]) == scaler
    largest = Scaler.pooled(samples, kind="maximum").deviation
    assert largest == tuple(max(of.series.values[..., c].max() for of in _seen(samples)) for c in range(2))


def _seen(samples: list[Sample]) -> list[Sample]:
    """Samples of the steps that count alone, holes as low as can be."""
    parts = [(of.series, a, b) for of in samples for a, b in of.ranges]
    cut = [series.slice(a, b) for series, a, b in parts]
    low = [replace(one, values=np.where(one.observed, one.values, np.float32(-1e9))) for one in cut]
    return [Sample(one, ()) for one in low]
