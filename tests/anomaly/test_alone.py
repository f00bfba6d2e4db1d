import numpy as np

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.alone import ask_each
from stgraph.anomaly.findings import bit, found_by
from stgraph.anomaly.subject import Subject
from tests.anomaly.faults import series_of

RNG = np.random.default_rng(0)


def test_what_an_earlier_rule_distrusts_is_not_shown_and_stays() -> None:
    values = RNG.normal(80, 3, (4 * 288, 20))
    values[300:400, 18] = -1
    values[500:600, 18] = 70
    subject = Subject.of(series_of(values), None, None, HealthSettings())
    findings = np.zeros((4 * 288, 20, 1), np.uint8)
    findings[300:400, 18] = bit("impossible")
    ask_each(subject, findings)
    assert np.argwhere(findings).shape[0] == 200
    assert found_by("impossible", findings)[300:400, 18].all()
    assert found_by("stuck", findings)[500:600, 18].all()


def test_each_rule_marks_the_channel_it_asked() -> None:
    speed, flow = RNG.normal(80, 3, (4 * 288, 2)), RNG.normal(900, 60, (4 * 288, 2))
    speed[700, 0] -= 60
    flow[100:200, 1] = 900
    speed[300:310, 1] = 0
    findings = np.zeros((4 * 288, 2, 2), np.uint8)
    ask_each(Subject.of(series_of(np.stack([speed, flow], axis=-1)), None, None, HealthSettings()), findings)
    assert np.argwhere(found_by("jump", findings)).tolist() == [[700, 0, 0]]
    assert set(map(tuple, np.argwhere(found_by("stuck", findings))[:, 1:].tolist())) == {(1, 1)}
    assert set(map(tuple, np.argwhere(found_by("disagreement", findings)).tolist())) == {
        (t, 1, c) for t in range(300, 310) for c in (0, 1)
    }
