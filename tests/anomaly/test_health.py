from dataclasses import replace

import numpy as np
import pytest

from stgraph.anomaly import RULES, Health, HealthSettings
from stgraph.anomaly.findings import bit
from stgraph.errors import MismatchError, ShapeError
from tests.anomaly.faults import series_of


@pytest.fixture
def health() -> Health:
    """Ten steps of four sensors: one sound, one stuck, one late, one silent."""
    observed = np.ones((10, 4, 2), bool)
    observed[:5, 1], observed[:, 3] = False, False
    findings = np.zeros((10, 4, 2), np.uint8)
    findings[5:7, 1, 0] = bit("stuck")
    findings[7, 1, 0] = bit("stuck") | bit("jump")
    findings[:, 2] = bit("clock")
    return Health(
        series_of(np.ones((10, 4, 2)), observed=observed),
        findings,
        np.array([np.nan, np.nan, -60, np.nan]),
        HealthSettings(),
    )


def test_the_table_has_shares_of_what_was_observed(health: Health) -> None:
    table = health.table()
    assert list(table.columns) == ["sensor", "channel", "observed", "distrusted", *RULES, "lag_minutes"]
    rows = {(row["sensor"], row["channel"]): row for row in table.to_dict("records")}
    row = rows["s1", "speed"]
    assert (row["observed"], row["distrusted"], row["stuck"], row["jump"], row["clock"]) == (0.5, 0.6, 0.6, 0.2, 0)
    assert rows["s2", "flow"]["lag_minutes"] == -60
    assert np.isnan(rows["s3", "speed"]["distrusted"])
    assert len(table) == 8


def test_the_worst_sensors_come_first_in_words(health: Health) -> None:
    rows = health.per_sensor()
    assert rows["sensor"].tolist() == ["s2", "s1", "s0", "s3"]
    assert rows["findings"].tolist() == [
        "clock 60 min early",
        "stuck 60 % (speed), jump 20 % (speed)",
        "",
        "never observed",
    ]
    assert rows["distrusted"].tolist()[:3] == [1.0, 0.3, 0.0]


def test_the_verdict_counts_sensors_values_and_kinds(health: Health) -> None:
    assert health.verdict() == (
        "2 of 4 sensors have values to distrust, 46 % of all: stuck 1, jump 1, clock 1; 1 never observed"
    )
    sound = replace(health, findings=np.zeros_like(health.findings))
    assert sound.verdict() == "nothing to distrust on 4 sensors; 1 never observed"


def test_applied_makes_holes_of_what_is_distrusted_and_changes_nothing_else(health: Health) -> None:
    cleaned = health.applied(health.series)
    assert np.array_equal(cleaned.observed, health.series.observed & ~health.mask)
    assert cleaned.values is health.series.values
    assert health.series.observed.sum() - cleaned.observed.sum() == np.count_nonzero(health.mask)
    assert np.array_equal(health.applied(cleaned).observed, cleaned.observed)


def test_another_series_is_refused(health: Health) -> None:
    with pytest.raises(MismatchError, match="expected the sensors that were checked"):
        health.applied(health.series.select(sensors=("s1", "s0", "s2", "s3")))
    with pytest.raises(MismatchError, match="expected the 10 times that were checked"):
        health.applied(health.series.slice(0, 9))
    with pytest.raises(ShapeError, match="findings"):
        replace(health, findings=health.findings[:5])
    with pytest.raises(ShapeError, match="lag_minutes"):
        replace(health, lag_minutes=np.zeros(3))
