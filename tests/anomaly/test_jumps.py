import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.jumps import jumps
from stgraph.anomaly.timeline import Record, Timeline
from tests.anomaly.faults import series_of

SETTINGS = HealthSettings()
STEPS = 2016


def record_of(values: np.ndarray, observed: np.ndarray | None = None) -> Record:
    series = series_of(values[:, None], observed=None if observed is None else observed[:, None])
    return Timeline.of(series).record(series.values[:, 0, 0], series.observed[:, 0, 0])


def wave() -> np.ndarray:
    return 80 + 20 * np.sin(np.arange(STEPS) / 46) + np.random.default_rng(0).normal(0, 1, STEPS)


def test_neither_noise_nor_a_breakdown_that_lasts_is_a_jump() -> None:
    assert not jumps(record_of(wave()), 5.0, SETTINGS).any()
    broken = wave()
    broken[700:760] -= 50
    broken[900:902] -= 50
    assert not jumps(record_of(broken), 5.0, SETTINGS).any()
    assert not jumps(record_of(np.random.default_rng(1).normal(60, 8, STEPS)), 5.0, SETTINGS).any()


@settings(max_examples=40, deadline=None)
@given(row=st.integers(5, STEPS - 5), size=st.sampled_from([-60.0, -30.0, 30.0, 60.0]), hole=st.integers(-2, 2))
def test_a_single_value_far_from_both_sides_is_found_also_beside_a_hole(row: int, size: float, hole: int) -> None:
    values, observed = wave(), np.ones(STEPS, bool)
    values[row] += size
    observed[row + hole] = hole == 0
    record = record_of(values, observed)
    assert record.rows[jumps(record, 20.0, SETTINGS)].tolist() == [row]
    assert not jumps(record, abs(size) + 10, SETTINGS).any()


def test_what_scatters_as_much_every_night_is_no_jump() -> None:
    noisy = wave().reshape(7, 288)
    noisy[:, :60] += np.random.default_rng(1).normal(0, 15, (7, 60))
    assert not jumps(record_of(noisy.ravel()), 5.0, SETTINGS).any()


def test_few_values_have_no_jumps() -> None:
    assert jumps(record_of(np.array([1.0, 99, 1])), 5.0, SETTINGS).tolist() == [False] * 3
