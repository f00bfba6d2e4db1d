"""Portland: speeds, volumes and what operators noted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.datasets import load
from stgraph.datasets.portland_i205 import ROADWAY
from stgraph.errors import DataError
from stgraph.evaluation.hard_parts import incident_steps
from tests.datasets.tiny import numbers, write_portland


def test_two_tables_are_two_channels_with_gaps(tmp_path: Path) -> None:
    write_portland(tmp_path)
    dataset = load("portland-i205", tmp_path)
    assert dataset.series.segments == ((0, 4), (4, 6))
    assert dataset.series.values[0, 0].tolist() == [numbers(6, 3)[0, 0].round(), (numbers(6, 3)[0, 0] / 7).round()]
    assert np.argwhere(~dataset.series.observed).tolist() == [[1, 0, 0], [1, 0, 1]]
    assert dataset.graph.adjacency.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_labels_are_the_marks_again(tmp_path: Path) -> None:
    write_portland(tmp_path)
    dataset = load("portland-i205", tmp_path)
    marks = np.zeros((6, 3), dtype=bool)
    marks[[1, 2, 4], 0] = marks[[0, 1, 5], 2] = True
    told = [((i.sensor,), i.start, i.end) for i in dataset.incidents]
    np.testing.assert_array_equal(incident_steps(dataset.series, told), marks)
    assert len(told) == 4
    assert {i.roadway for i in dataset.incidents} == {ROADWAY}
    starts = [i.start for i in dataset.incidents]
    assert starts == sorted(starts)


def test_without_labels_there_are_no_incidents(tmp_path: Path) -> None:
    write_portland(tmp_path)
    (tmp_path / "portland-i205" / "label.csv.gz").unlink()
    assert load("portland-i205", tmp_path).incidents == ()


def test_other_times_and_other_marks_are_named(tmp_path: Path) -> None:
    write_portland(tmp_path)
    label, volume = (tmp_path / "portland-i205" / f"{name}.csv.gz" for name in ("label", "volume"))
    table = pd.read_csv(label, index_col=0)
    table.replace(1, 2).to_csv(label)
    with pytest.raises(DataError, match=r"label\.csv\.gz: expected 0 or 1 in 6 rows, .* found '2' in line 2"):
        load("portland-i205", tmp_path)
    table.iloc[:5].to_csv(label)
    with pytest.raises(DataError, match=r"label\.csv\.gz: .* found 5 rows, 0 other detectors"):
        load("portland-i205", tmp_path)
    pd.read_csv(volume, index_col=0).iloc[1:].to_csv(volume)
    with pytest.raises(DataError, match=r"volume\.csv\.gz: expected the times and detectors of .*speed\.csv\.gz"):
        load("portland-i205", tmp_path)
