"""Slow obvious twins: loops that anyone can check by eye."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def propagate(signal: Floats, weights: Floats) -> Floats:
    """out[..., i, c] = sum over j of W[i, j] S[..., j, c]."""
    out = np.zeros_like(signal)
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            out[..., i, :] += weights[i, j] * signal[..., j, :]
    return out


def forward_walk(adjacency: Floats) -> Floats:
    """Divide each row by its sum."""
    walk = np.zeros_like(adjacency)
    for i, row in enumerate(adjacency):
        if row.sum() > 0:
            walk[i] = row / row.sum()
    return walk


def windows(history: int, horizon: int, ranges: Iterable[tuple[int, int]], stride: int = 1) -> list[list[int]]:
    """Every run of history + horizon steps that fits into a range."""
    found = []
    for first, last in ranges:
        start = first
        while start + history + horizon <= last:
            found.append(list(range(start, start + history + horizon)))
            start += stride
    return found


def masked_errors(forecast: Floats, target: Floats, observed: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    """Every metric of everything at once, element by element; the truth in two passes, its mean first."""
    everything = (x.ravel().tolist() for x in (forecast, target, observed))
    pairs = [(f, y) for f, y, seen in zip(*everything, strict=True) if seen]
    absolute = [abs(f - y) for f, y in pairs]
    squared = [(f - y) ** 2 for f, y in pairs]
    shares = [100 * abs(f - y) / abs(y) for f, y in pairs if abs(y) >= threshold]
    truth, bias = (sum(x) / len(pairs) for x in ([y for _, y in pairs], [f - y for f, y in pairs]))
    total = sum((y - truth) ** 2 for _, y in pairs)
    scatter = sum((f - y - bias) ** 2 for f, y in pairs)
    size, square = sum(abs(y) for _, y in pairs), sum(y**2 for _, y in pairs)
    return {
        "MAE": sum(absolute) / len(pairs),
        "RMSE": (sum(squared) / len(pairs)) ** 0.5,
        "MAPE": sum(shares) / len(shares) if shares else float("nan"),
        "WAPE": 100 * sum(absolute) / size if size else float("nan"),
        "R2": 1 - sum(squared) / total if total else float("nan"),
        "EV": 1 - scatter / total if total else float("nan"),
        "accuracy": 1 - (sum(squared) / square) ** 0.5 if square else float("nan"),
    }


def attention(query: Floats, key: Floats, value: Floats, weights: Floats) -> Floats:
    """out_i = sum_j W'_ij exp(q_i k_j / sqrt(d)) v_j / sum_j W'_ij exp(q_i k_j / sqrt(d)) with W' = W + I, one head."""
    count, width = query.shape
    out = np.zeros_like(value)
    linked = weights + np.eye(count)
    for i in range(count):
        shares = [linked[i, j] * np.exp(query[i] @ key[j] / width**0.5) for j in range(count)]
        for j in range(count):
            out[i] += shares[j] / sum(shares) * value[j]
    return out


def multi_head_attention(
    query: Floats, key: Floats, value: Floats, mask: NDArray[np.bool_], *, over: str, heads: int, a: Floats | None
) -> Floats:
    """(B, T, N, C) looks at (B, S, N, C) over time or (B, T, M, C) over sensors; additive where `a` is given.

    `a` is (heads, d). The mask is (B, N, T, S) over time, (B, T, N, M) over sensors; who may look at nobody gets 0.
    """
    out = np.zeros_like(query)
    width = query.shape[-1] // heads
    for b, t, n in np.ndindex(query.shape[:3]):
        for h in range(heads):
            part = slice(h * width, (h + 1) * width)
            q = query[b, t, n, part]
            looked = [(b, s, n) for s in range(key.shape[1])]
            if over == "sensors":
                looked = [(b, t, m) for m in range(key.shape[2])]
            allowed = mask[b, n, t] if over == "time" else mask[b, t, n]
            shares = {}
            for place, ok in zip(looked, allowed, strict=True):
                k = key[place][part]
                score = q @ k / width**0.5 if a is None else a[h] @ np.tanh(q + k)
                if ok:
                    shares[place] = np.exp(score)
            for place, share in shares.items():
                out[b, t, n, part] += share / sum(shares.values()) * value[place][part]
    return out


Gates = dict[str, list[Floats]]


def graph_gru_step(x: Floats, state: Floats, weights: list[Floats], thetas: Gates, biases: dict[str, Floats]) -> Floats:
    """State (N, h) after one step, from (N, C) and (N, h): gates r, u, c as convolutions of [x, h], as papers write it.

    `thetas` of a gate hold one (C + h, h) matrix for each W, in the order of `weights`.
    """

    def convolve(gate: str, h: Floats) -> Floats:
        both = np.concatenate([x, h], axis=1)
        return biases[gate] + sum(propagate(both, w) @ theta for w, theta in zip(weights, thetas[gate], strict=True))

    reset = 1 / (1 + np.exp(-convolve("r", state)))
    update = 1 / (1 + np.exp(-convolve("u", state)))
    out: Floats = update * state + (1 - update) * np.tanh(convolve("c", reset * state))
    return out


def graph_gru(inputs: Floats, weights: list[Floats], thetas: Gates, biases: dict[str, Floats]) -> Floats:
    """States (T, N, h) of one window (T, N, C)."""
    states = [np.zeros((inputs.shape[1], len(biases["r"])))]
    for x in inputs:
        states.append(graph_gru_step(x, states[-1], weights, thetas, biases))
    return np.array(states[1:])
