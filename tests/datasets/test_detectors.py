"""Detectors: right on average, surer with many vehicles, and sometimes silent."""

import numpy as np

from stgraph.datasets.detectors import EFFECTIVE_KM, heard, measure


def test_measurements_are_right_on_average_and_surer_where_many_vehicles_pass() -> None:
    flow = np.tile([120.0, 6000.0], (20_000, 1))
    speed, lanes = np.full_like(flow, 80.0), np.array([3.0, 3.0])
    values = measure(np.random.default_rng(0), speed, flow, lanes, hours=1 / 12)
    truth = np.stack([speed, flow, flow / speed / 3 * EFFECTIVE_KM], axis=-1)[0]
    np.testing.assert_allclose(values.mean(axis=0), truth, rtol=0.01)
    few, many = values.std(axis=0) / truth
    np.testing.assert_allclose(few / many, np.sqrt(50), rtol=0.1)


def test_counts_are_whole_vehicles() -> None:
    flow = np.full((100, 2), 1000.0)
    values = measure(np.random.default_rng(0), flow / 10, flow, np.ones(2), hours=1 / 12)
    np.testing.assert_allclose(values[..., 1] / 12, np.round(values[..., 1] / 12), atol=1e-9)


def test_detectors_lose_single_records_and_fall_silent_for_hours() -> None:
    arrives = heard(np.random.default_rng(0), 28 * 288, 90, hours=1 / 12)
    assert 0.97 < arrives.mean() < 0.995
    runs = np.diff(np.flatnonzero(np.concatenate([[True], arrives.T.ravel(), [True]]))) - 1
    assert 0.9 < (runs[runs > 0] == 1).mean() < 1
    assert 12 < runs.max() < 3 * 288
