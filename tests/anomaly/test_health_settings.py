from dataclasses import fields
from typing import Any

import pytest

from stgraph.anomaly import HealthSettings
from stgraph.errors import DataError, UnknownNameError


def test_every_threshold_is_told_in_the_docstring() -> None:
    told = HealthSettings.__doc__ or ""
    assert [field.name for field in fields(HealthSettings) if f"        {field.name}: " not in told] == []


def test_texts_are_read_and_the_rest_stays() -> None:
    read = HealthSettings.read({"stuck_hours": "3", "fastest": "160.5"})
    assert read == HealthSettings(stuck_hours=3.0, fastest=160.5)
    assert HealthSettings.read({}) == HealthSettings()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fastest": 0}, "fastest: expected a positive number, found 0"),
        ({"jump_sigmas": float("nan")}, "jump_sigmas: expected a positive number, found nan"),
        ({"contradiction_share": 1.5}, "contradiction_share: expected a share up to 1, found 1.5"),
    ],
)
def test_a_threshold_that_means_nothing_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        HealthSettings(**given)


def test_a_wrong_name_and_a_wrong_text_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown setting of the check 'stuck_hour': did you mean 'stuck_hours'"):
        HealthSettings.read({"stuck_hour": "1"})
    with pytest.raises(DataError, match="setting stuck_hours: expected a number, found 'long'"):
        HealthSettings.read({"stuck_hours": "long"})
