"""Sensors come from a list of ids or from a series, in their order."""

from pathlib import Path

import pytest

from stgraph.errors import DataError
from stgraph.forecasting.sensors import read_sensors
from stgraph.series import write_npz, write_store
from tests.conftest import World

IDS = ("773869", "767541", "7")


@pytest.mark.parametrize(
    "text", ["773869,767541,7", "773869\n767541\n7\n", "773869,767541\n7\n", "773869;767541\n\n7\n"]
)
def test_a_list_may_stand_in_one_line_or_in_several(text: str, tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text(text)
    assert read_sensors(tmp_path / "ids.txt") == IDS


@pytest.mark.parametrize(
    "text",
    [
        "time,773869,767541,7\n2012-03-01 00:00,60,61,62\n2012-03-01 00:05,60,61,62\n",
        ";773869;767541;7\n01.03.2012 00:00;60;61;62\n13.03.2012 00:00;60;61;62\n",
    ],
)
def test_a_wide_table_names_its_columns(text: str, tmp_path: Path) -> None:
    (tmp_path / "speed.csv").write_text(text)
    assert read_sensors(tmp_path / "speed.csv") == IDS


def test_a_long_table_an_archive_and_a_store_name_their_sensors(speed_world: World, tmp_path: Path) -> None:
    series = speed_world.series.slice(0, 3)
    lines = [f"{time},{name},60" for time in series.times for name in ("8", "9")]
    (tmp_path / "long.csv").write_text("\n".join(["time,sensor,speed", *lines]))
    assert read_sensors(tmp_path / "long.csv") == ("8", "9")
    assert read_sensors(write_npz(series, tmp_path / "series.npz")) == series.sensors
    assert read_sensors(write_store(series, tmp_path / "store")) == series.sensors


def test_what_is_neither_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "speed.csv").write_text("a,b\n60,61\n60,62\n")
    with pytest.raises(DataError, match=r"speed\.csv: expected sensor ids .* found '60' more than once"):
        read_sensors(tmp_path / "speed.csv")
    with pytest.raises(DataError, match=r"absent\.txt: cannot be read"):
        read_sensors(tmp_path / "absent.txt")
