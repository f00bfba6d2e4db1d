from pathlib import Path

import pandas as pd
import pytest

from stgraph.errors import DataError
from stgraph.series.pems_batches import COLUMNS, LANE_TYPES, batches, is_pems
from tests.series.pems_world import day_lines, frame, write_day

LINES = day_lines(steps=3)


@pytest.mark.parametrize("ending", [".txt", ".txt.gz", ".parquet"])
def test_a_batch_holds_the_cells_that_are_read(ending: str, tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES, ending=ending)
    assert is_pems(path)
    found = pd.concat([batch.to_pandas() for batch in batches(path)])
    table = frame(LINES)
    for name in ("Station", "Direction", "LaneType"):
        assert found[name].tolist() == table[name].tolist()
    assert found["Freeway"].tolist() == table["Freeway"].astype(int).tolist()
    pd.testing.assert_series_equal(found["AvgSpeed"], pd.to_numeric(table["AvgSpeed"]), check_index=False)
    assert pd.to_datetime(found["Timestamp"]).tolist() == pd.to_datetime(table["Timestamp"]).tolist()


def test_other_files_are_not_of_pems(tmp_path: Path) -> None:
    files = {"a.csv": b"time,sensor,speed\n", "b.txt.gz": b"no gzip", "c.parquet": b"no Parquet", "d.txt": b"\xff\xfe"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        assert not is_pems(tmp_path / name)
    pd.DataFrame({"Timestamp": [1]}).to_parquet(tmp_path / "e.parquet")
    assert not is_pems(tmp_path / "e.parquet")
    assert not is_pems(tmp_path)


def test_a_parquet_of_other_types_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame(LINES).to_parquet(path)
    with pytest.raises(DataError, match=r"a\.parquet, column 'Timestamp': expected timestamps, found (large_)?string"):
        list(batches(path))
    frame(LINES).assign(Timestamp=pd.Timestamp("2025-10-08"), AvgOccupancy=0.1, AvgSpeed="fast").to_parquet(path)
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read as a station file .*fast"):
        list(batches(path))


def test_the_first_twelve_columns_are_those_of_the_clearinghouse() -> None:
    assert len(COLUMNS) == len(LINES[0].split(",")) - 8 * 5
    assert set(frame(LINES)["LaneType"]) <= set(LANE_TYPES)
