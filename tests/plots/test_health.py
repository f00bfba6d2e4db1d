"""What is wrong, drawn: every cell in the colour of what was found in it, of few sensors and of many."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from stgraph import plots
from stgraph.anomaly import RULES, Health, HealthSettings
from stgraph.anomaly.findings import bit
from stgraph.plots.health import CELLS, COLOURS, MOST_NAMES, MOST_SENSORS, SOUND, UNOBSERVED
from tests.anomaly.faults import series_of

JUMP, STUCK = (2 + list(RULES).index(rule) for rule in ("jump", "stuck"))


def health_of(steps: int, sensors: int) -> Health:
    series = series_of(np.ones((steps, sensors, 2)))
    return Health(series, np.zeros((steps, sensors, 2), np.uint8), np.full(sensors, np.nan), HealthSettings())


def drawn(health: Health) -> np.ndarray:
    """The cells of the picture, (sensors, cells)."""
    (image,) = plots.health(health).axes[0].get_images()
    return np.asarray(image.get_array())


def test_every_rule_has_a_colour_of_its_own() -> None:
    assert len(COLOURS) == len(RULES) + 2 == len({to_rgb(colour) for colour in COLOURS})


def test_each_step_of_a_short_series_is_a_cell() -> None:
    health = health_of(100, 3)
    health.findings[10:20, 0, 0] = bit("stuck")
    health.findings[50, 1, 1] = bit("jump")
    health.series.observed[70:, 2] = False
    expected = np.full((3, 100), SOUND)
    expected[0, 10:20], expected[1, 50], expected[2, 70:] = STUCK, JUMP, UNOBSERVED
    assert np.array_equal(drawn(health), expected)


def test_a_single_value_is_seen_in_a_year_and_the_most_frequent_rule_has_the_cell() -> None:
    health = health_of(105_120, 2)
    health.findings[50_000, 0, 0] = bit("jump")
    health.findings[70_000:70_020, 1] = bit("stuck")
    health.findings[70_003, 1] = bit("jump")
    cells = drawn(health)
    assert cells.shape == (2, CELLS)
    assert np.argwhere(cells == JUMP).tolist() == [[0, 50_000 * CELLS // 105_120]]
    assert np.argwhere(cells == STUCK).tolist() == [[1, 70_000 * CELLS // 105_120]]


def test_a_gap_in_time_is_unobserved() -> None:
    health = health_of(100, 1)
    times = health.series.times.copy()
    times[60:] += np.timedelta64(100, "m")
    cells = drawn(replace(health, series=replace(health.series, times=times)))[0]
    assert np.flatnonzero(cells == UNOBSERVED).tolist() == list(range(60, 80))


@pytest.mark.parametrize("sensors", [1, 20, 300])
def test_names_dates_and_a_legend_of_what_is_there(sensors: int) -> None:
    health = health_of(288 * 3, sensors)
    health.findings[5:80, 0] = bit("contradiction")
    figure = plots.health(health)
    axes = figure.axes[0]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == list(health.series.sensors[:: -(-sensors // MOST_NAMES)])
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert labels[0] == "4 Mar\n2024"
    assert "5 Mar" in labels
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sound", "contradiction"]
    assert figure.texts[0].get_text() == f"Values to distrust on 1 of {sensors} sensors"
    assert figure.get_size_inches()[0] == 10


def test_of_very_many_sensors_the_worst_are_drawn_in_their_order() -> None:
    health = health_of(50, MOST_SENSORS + 30)
    worst = np.arange(30, MOST_SENSORS + 30)
    health.findings[:10, worst, 0] = bit("stuck")
    figure = plots.health(health)
    assert drawn(health).shape == (MOST_SENSORS, 50)
    assert figure.axes[0].get_yticklabels()[0].get_text() == "s30"
    assert figure.texts[0].get_text().endswith(f"; the {MOST_SENSORS} worst are shown")
