import numpy as np
import pytest

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.contradiction import contradiction
from stgraph.anomaly.subject import Subject
from stgraph.graph import SensorGraph
from tests.anomaly.faults import series_of

DAYS, COUNT = 6, 8
RNG = np.random.default_rng(0)
WAVE = 90 + 10 * np.sin(np.arange(DAYS * 288) / 46)[:, None]


def found_in(
    values: np.ndarray, *, channel: str = "speed", believed: np.ndarray | None = None, **changes: float
) -> np.ndarray:
    series = series_of(values, channels=(channel,), units=("",))
    graph = SensorGraph(series.sensors, np.eye(COUNT, k=1))
    subject = Subject.of(series, graph, None, HealthSettings(**changes))
    return contradiction(subject, series.observed[..., 0] if believed is None else believed, 0)


def road() -> np.ndarray:
    return WAVE + RNG.normal(0, 2, (DAYS * 288, COUNT))


def test_a_sound_road_contradicts_itself_nowhere() -> None:
    assert not found_in(road()).any()


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_a_sensor_between_two_that_agree_is_found_on_its_days_alone(factor: float) -> None:
    values = road()
    values[288:864, 3] *= factor
    expected = np.zeros((DAYS, COUNT), bool)
    expected[1:3, 3] = True
    assert np.array_equal(found_in(values), expected)


def test_a_few_percent_are_a_curve_in_the_road_however_alike_the_others_are() -> None:
    values = np.repeat(WAVE, COUNT, axis=1)
    values[:, 3] *= 0.9
    assert not found_in(values).any()
    assert found_in(values, contradiction_least=0.05, contradiction_sigmas=2)[:, 3].all()


def test_less_than_the_share_of_a_day_is_left() -> None:
    values = road()
    values[288 : 288 + 120, 3] *= 0.7
    assert not found_in(values).any()
    assert found_in(values, contradiction_share=0.3)[1, 3]


def test_a_ramp_is_no_fault_of_a_count_but_a_slow_sensor_is_one_of_a_speed() -> None:
    values = road()
    values[:, 3] *= 0.6
    assert not found_in(values, channel="flow").any()
    assert found_in(values)[:, 3].all()
    values[288:576, 3] *= 0.6
    assert np.argwhere(found_in(values, channel="flow")).tolist() == [[1, 3]]


def test_neighbours_that_disagree_or_are_not_believed_prove_nothing() -> None:
    values = road()
    values[:, 3] *= 0.7
    values[:, 4] *= 0.5
    assert not found_in(values)[:, 3].any()
    values[:, 4] /= 0.5
    believed = np.ones((DAYS * 288, COUNT), bool)
    believed[:, 4] = False
    assert not found_in(values, believed=believed).any()


def test_without_a_graph_nothing_is_found() -> None:
    series = series_of(road())
    subject = Subject.of(series, None, None, HealthSettings())
    assert not contradiction(subject, series.observed[..., 0], 0).any()


def test_where_no_neighbours_ever_agree_nothing_is_found() -> None:
    values = road()
    values *= 4.0 ** np.arange(COUNT)
    assert not found_in(values).any()
