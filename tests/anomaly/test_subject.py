import numpy as np
import pytest

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.subject import SAMPLE, Subject
from stgraph.errors import MismatchError
from stgraph.graph import SensorGraph
from tests.anomaly.faults import series_of

SETTINGS = HealthSettings()


def test_the_graph_takes_the_order_of_the_series() -> None:
    graph = SensorGraph(("s2", "s0", "s1"), np.array([[0, 1, 0], [0, 0, 2], [0, 0, 0]]))
    subject = Subject.of(series_of(np.ones((5, 3, 3))), graph, None, SETTINGS)
    assert subject.graph is not None
    assert subject.graph.ids == ("s0", "s1", "s2")
    assert (subject.channel("flow"), subject.channel("other")) == (1, None)
    with pytest.raises(MismatchError, match="different sensors"):
        Subject.of(series_of(np.ones((5, 2))), graph, None, SETTINGS)


@pytest.mark.parametrize("steps", [1, 7, SAMPLE, 3 * SAMPLE + 5])
def test_a_sample_is_evenly_spaced_and_not_much_more_than_asked_for(steps: int) -> None:
    rows = np.arange(steps)[Subject.of(series_of(np.ones((steps, 1))), None, None, SETTINGS).sample()]
    assert min(steps, SAMPLE) <= len(rows) < 2 * SAMPLE
    assert len(set(np.diff(rows).tolist())) <= 1
