import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.anomaly.lag_curves import UNKNOWN, consensus, quick_part

RNG = np.random.default_rng(0)
STEPS, MOST = 400, 40


def signals_of(*lags: int, seed: int = 1) -> np.ndarray:
    """One random signal, later by so many steps in each column."""
    source = np.random.default_rng(seed).normal(size=STEPS + 200)
    values = np.stack([source[100 - lag : 100 - lag + STEPS] for lag in lags], axis=1)
    return quick_part(values, np.ones(values.shape, bool), 37)


def slow(x: np.ndarray, y: np.ndarray, lag: int) -> float:
    """Correlation of x, late by `lag`, with y."""
    return float(sum(x[t] * y[t - lag] for t in range(len(x)) if 0 <= t - lag < len(y)))


def test_the_curves_are_those_of_a_loop() -> None:
    signal = signals_of(0, 3, -5)
    curves = consensus([signal], np.array([[1, 1], [2, 2], [0, 0]]), MOST)
    for n, other in enumerate((1, 2, 0)):
        for lag in (-40, -7, 0, 1, 33):
            assert curves[n, MOST + lag] == pytest.approx(slow(signal[:, n], signal[:, other], lag), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(lag=st.integers(-30, 30))
def test_the_one_that_is_late_is_found_and_proves_nothing_about_its_neighbours(lag: int) -> None:
    curves = consensus([signals_of(lag, 0, 0, 0)], np.array([[1, 2, 3], [0, 2, 3], [1, 0, 3], [1, 2, 0]]), MOST)
    assert (curves.argmax(1) - MOST).tolist() == [lag, 0, 0, 0]


def test_fewer_than_two_voices_say_nothing() -> None:
    signal = signals_of(0, 5, 0)
    signal[:, 2] = 0
    curves = consensus([signal], np.array([[1, 2], [0, -1], [0, 1]]), MOST)
    assert (curves == UNKNOWN).all()


def test_channels_are_averaged_where_both_have_them() -> None:
    one, two = signals_of(0, 4, 4), signals_of(0, 4, 4, seed=2)
    silent = np.zeros_like(two)
    voters = np.array([[1, 2], [0, 2], [0, 1]])
    both = consensus([one, two], voters, MOST)
    assert np.allclose(both[0], np.minimum.reduce([(slow_curve(one, k) + slow_curve(two, k)) / 2 for k in (1, 2)]))
    assert np.array_equal(consensus([one, silent], voters, MOST), consensus([one], voters, MOST))


def slow_curve(signal: np.ndarray, other: int) -> np.ndarray:
    return np.array([slow(signal[:, 0], signal[:, other], lag) for lag in range(-MOST, MOST + 1)])


def test_the_quick_part_has_no_slow_wave_no_holes_and_norm_one() -> None:
    t = np.arange(2000)
    known = np.broadcast_to(RNG.random(2000) > 0.1, (2000,))[:, None]
    quick = quick_part((50 * np.sin(t / 300) + np.sin(t / 3))[:, None], known, 37)
    assert (quick[~known] == 0).all()
    assert np.linalg.norm(quick) == pytest.approx(1)
    inner = slice(100, -100)
    assert np.corrcoef(quick[inner, 0][known[inner, 0]], np.sin(t / 3)[inner][known[inner, 0]])[0, 1] > 0.95
    assert not quick_part(np.full((50, 1), 7.0), np.ones((50, 1), bool), 9).any()
