import numpy as np

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.impossible import impossible
from stgraph.anomaly.subject import Subject
from tests.anomaly.faults import series_of


def test_only_what_is_observed_and_out_of_range_is_found() -> None:
    values = np.array([[0, 0, 0], [200, 24_000, 1], [-0.1, -1, -0.01], [201, 24_100, 1.01], [-9, -9, -9]])[:, None]
    observed = np.ones(values.shape, bool)
    observed[4] = False
    subject = Subject.of(series_of(values, observed=observed), None, None, HealthSettings())
    assert impossible(subject, slice(0, 5))[:, 0].tolist() == [
        [False] * 3,
        [False] * 3,
        [True] * 3,
        [True] * 3,
        [False] * 3,
    ]
    assert impossible(subject, slice(2, 3)).all()


def test_the_limits_are_those_of_the_settings_and_lanes() -> None:
    values = np.array([[130.0, 5_000], [90.0, 7_000]])[:, None]
    subject = Subject.of(series_of(values), None, [2], HealthSettings(fastest=120))
    assert impossible(subject, slice(None))[:, 0].tolist() == [[True, False], [False, True]]
