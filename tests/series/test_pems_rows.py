from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import UnknownNameError
from stgraph.series.pems_rows import StationChoice, pems_rows
from tests.series.pems_world import STATIONS, day_lines, write_day

LINES = day_lines(steps=3)


def test_rows_know_where_they_stand(tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES)
    (rows,) = pems_rows([path], StationChoice(direction="S"), ["flow", "speed"])
    k = [s.direction for s in STATIONS].index("S") + 1
    assert rows.lines.tolist() == [k, k + len(STATIONS), k + 2 * len(STATIONS)]
    assert f"{rows.source} {rows.lines[0]}" == f"{path}, line {k}"
    cells = [LINES[line - 1].split(",") for line in rows.lines]
    shown = [[float(row[9]), float(row[11])] if int(row[8]) >= 50 else [np.nan, np.nan] for row in cells]
    np.testing.assert_array_equal(rows.values, np.array(shown, dtype=np.float32))
    assert rows.columns == ("flow", "speed")
    assert dict(rows.units) == {"speed": "mph", "flow": "veh/5 min"}
    (parquet,) = pems_rows([write_day(tmp_path, LINES, ending=".parquet")], StationChoice(direction="S"), ["flow"])
    assert parquet.source.endswith(".parquet, row")
    assert parquet.lines[0] == k - 1, "rows of a table are counted from 0"


def test_a_choice_says_itself_and_knows_its_names() -> None:
    assert str(StationChoice()) == "ML stations"
    assert str(StationChoice(5, "S", "HV")) == "HV stations, freeway 5, direction S"
    with pytest.raises(UnknownNameError, match="unknown direction"):
        StationChoice(direction="north")
