"""Cross-correlations of sensors with their neighbours over a window of time, at every lag up to the largest."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from stgraph.anomaly.neighbours import NONE

BLOCK = 256
"""Sensors at once: what is in memory does not grow with the network."""
UNKNOWN = -1.0
FEWEST = 2
"""Of two clocks that differ nothing tells which one is wrong."""

Floats = NDArray[np.float64]


def quick_part(values: Floats, known: NDArray[np.bool_], steps: int) -> Floats:
    """Return (T, N) values without what changes more slowly than `steps`, 0 where unknown, of norm 1 down each column.

    >>> wave = np.sin(np.arange(100.0) / 20)[:, None]
    >>> wave[50] += 1
    >>> int(quick_part(wave, np.ones((100, 1), bool), 9)[:, 0].argmax())
    50
    """
    width = min(2 * (steps // 2) + 1, len(values))
    total = uniform_filter1d(np.where(known, values, 0.0), width, axis=0, mode="nearest")
    share = uniform_filter1d(known.astype(np.float64), width, axis=0, mode="nearest")
    quick = np.where(known, values - total / np.maximum(share, 1e-9), 0.0)
    norm = np.sqrt((quick**2).sum(0))
    normed: Floats = np.divide(quick, norm, out=np.zeros_like(quick), where=norm > 1e-6 * np.abs(values).max(initial=1))
    return normed


def consensus(signals: list[Floats], voters: NDArray[np.int64], most: int) -> Floats:
    """Return the correlation that more than half of a sensor's voters reach at each lag, (N, 2 most + 1).

    Averaged over the signals that sensor and voter have; -1 where fewer than two voters have any.

    Args:
        signals: of each channel (T, N), as `quick_part` makes them; a column of zeros is no signal.
        voters: (N, V) columns to compare with; -1 = none.
        most: the largest lag in steps. Behind the middle stand lags at which the sensor is late.
    """
    length = next_fast_len(len(signals[0]) + most, real=True)
    spectra = [rfft(signal, length, axis=0).T for signal in signals]
    speaking = [np.abs(signal).max(0) > 0 for signal in signals]
    curves = np.full((len(voters), 2 * most + 1), UNKNOWN)
    for first in range(0, len(voters), BLOCK):
        some = slice(first, first + BLOCK)
        chosen = voters[some]
        total, count = np.zeros((*chosen.shape, 2 * most + 1)), np.zeros(chosen.shape)
        for spectrum, speaks in zip(spectra, speaking, strict=True):
            both = speaks[some, None] & speaks[chosen] & (chosen != NONE)
            wave = irfft(spectrum[some, None] * np.conj(spectrum[chosen]), length, axis=-1)
            around = np.concatenate([wave[..., -most:], wave[..., : most + 1]], axis=-1)
            total += np.where(both[..., None], around, 0.0)
            count += both
        mean = np.where(count[..., None] > 0, total / np.maximum(count, 1)[..., None], UNKNOWN)
        curves[some] = _majority(mean, (count > 0).sum(1))
    return curves


def _majority(curves: Floats, voting: NDArray[np.int64]) -> Floats:
    """Return of each sensor's (V, lags) curves the value that more than half of those voting reach."""
    ordered = -np.sort(-curves, axis=1)
    place = np.minimum(voting // 2, curves.shape[1] - 1)
    reached = np.take_along_axis(ordered, place[:, None, None], 1)[:, 0]
    majority: Floats = np.where((voting >= FEWEST)[:, None], reached, UNKNOWN)
    return majority
