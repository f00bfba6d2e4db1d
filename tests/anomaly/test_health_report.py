import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.anomaly import RULES, HealthSettings, check, write_health
from stgraph.anomaly.health_report import summary
from stgraph.errors import DataError
from tests.anomaly.faults import series_of


def test_the_files_say_what_was_found_and_how(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(80, 3, (4 * 288, 3))
    values[400:500, 1] = 77
    observed = np.ones(values.shape, bool)
    observed[:, 2] = False
    health = check(series_of(values, observed=observed), settings=HealthSettings(stuck_hours=2))
    paths = write_health(health, tmp_path / "out")
    assert sorted(paths) == sorted((tmp_path / "out").iterdir())
    table = pd.read_csv(tmp_path / "out" / "health.csv")
    pd.testing.assert_frame_equal(table, health.table(), check_dtype=False, rtol=1e-5)
    told = json.loads((tmp_path / "out" / "health.json").read_text(), parse_constant=pytest.fail)
    assert told == summary(health)
    assert told["verdict"] == health.verdict()
    assert told["rules"]["stuck"]["sensors"] == ["s1"]
    assert told["never_observed"] == ["s2"]
    assert list(told["rules"]) == list(RULES)
    assert told["settings"]["stuck_hours"] == 2


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is a file"):
        write_health(check(series_of(np.ones((3, 2)))), tmp_path / "file" / "inside")
