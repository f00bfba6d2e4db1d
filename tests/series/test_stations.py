from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.series import read_pems, read_pems_stations
from tests.series.pems_world import HEADER, STATIONS, day_lines, write_day, write_meta


def test_a_table_of_sensors(tmp_path: Path) -> None:
    table = read_pems_stations(write_meta(tmp_path))
    assert table.index.tolist() == [s.name for s in STATIONS]
    for name in ("freeway", "direction", "kind", "lanes"):
        assert table[name].tolist() == [getattr(s, name) for s in STATIONS]
    first = table.iloc[1]
    assert (first["postmile"], first["latitude"], first["longitude"]) == (100.5, 33.01, -118.01)
    assert (first["state_postmile"], first["name"], first["length"]) == ("R1.5", "ORR - DAY, 1", 0.828)
    assert np.isnan(table["length"]["715921"])


def test_it_is_in_the_order_of_a_series(tmp_path: Path) -> None:
    write_day(tmp_path, day_lines(steps=2))
    write_meta(tmp_path)
    series = read_pems(tmp_path, freeway=5, direction="N")
    assert read_pems_stations(tmp_path, series.sensors).index.tolist() == list(series.sensors)
    with pytest.raises(DataError, match=r"found no row of 1: \['1'\]"):
        read_pems_stations(tmp_path, ["715898", "1"])


def test_of_several_files_the_last_one_counts(tmp_path: Path) -> None:
    row = ["715898", "5", "N", "7", "37", "", ".68", "117.3", "33.9", "-118.0", ".5", "ML", "4", "MOVED", *[""] * 4]
    write_meta(tmp_path)
    write_meta(tmp_path, [row], "2025_01_01")
    table = read_pems_stations(tmp_path)
    assert len(table) == len(STATIONS)
    assert table["lanes"]["715898"] == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["1", "I5"], "line 3, column 'Fwy': expected a number or an empty cell, found 'I5'"),
        (["715898", "5"], "line 3, column 'ID': '715898' has a row already"),
    ],
)
def test_a_mistake_is_named_by_its_line(row: list[str], words: str, tmp_path: Path) -> None:
    good = ["715898", "5", "N", "7", "37", "", ".68", "117.3", "33.9", "-118.0", ".5", "ML", "4", "A", *[""] * 4]
    path = write_meta(tmp_path, [good, [*row, *good[2:]]])
    with pytest.raises(DataError, match=f"d07_text_meta_2023_12_22.txt, {words}"):
        read_pems_stations(path)


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a_text_meta_b.txt"
    path.write_text("\t".join(HEADER).replace("Abs_PM", "PM") + "\n")
    with pytest.raises(DataError, match=r"line 1: expected a header with ID, .* found no Abs_PM"):
        read_pems_stations(path)
    with pytest.raises(DataError, match="expected a folder with files named"):
        read_pems_stations(tmp_path / "*.tsv")
