"""A source: a dataset by name or two files, one channel, and what to do where files are missing."""

from dataclasses import replace
from pathlib import Path

import pytest

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.evaluation.bench_source import TrafficSource
from stgraph.forecasting import reopen_inputs
from stgraph.series import write_npz
from tests.conftest import World
from tests.datasets.tiny import write_los_loop
from tests.evaluation.benched import source_of


def test_models_see_the_channel_to_forecast_alone(world: World, tmp_path: Path) -> None:
    source = source_of(world, tmp_path)
    write_npz(world.series, tmp_path / "both.npz")
    source = replace(source, series=tmp_path / "both.npz", how={})
    assert source.read().series.channels == ("speed",)
    flow = replace(source, target="flow").read()
    assert flow.series.channels == ("flow",)
    assert reopen_inputs(flow.provenance).series.digest() == flow.series.digest()
    with pytest.raises(MismatchError, match="occupancy"):
        replace(source, target="occupancy").read()


def test_a_dataset_is_here_or_it_is_said_what_to_do(tmp_path: Path) -> None:
    source = TrafficSource("los-loop", data_dir=tmp_path)
    assert source.missing() == "its files were not on this machine: `stgraph data fetch los-loop`"
    assert str(tmp_path) not in source.missing()
    write_los_loop(tmp_path)
    assert source.missing() == ""
    assert source.read().series.channels == ("speed",)
    assert "stgraph data info i5n-2025-10" in TrafficSource("i5n-2025-10", data_dir=tmp_path).missing()
    assert TrafficSource("synthetic").missing() == ""


def test_files_are_not_looked_for_in_the_data_folder(world: World, tmp_path: Path) -> None:
    source = source_of(world, tmp_path)
    assert source.missing() == ""
    assert source.read().series.sensors == world.series.sensors


def test_what_cannot_be_read_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'los-loop'"):
        TrafficSource("los-lop")
    with pytest.raises(DataError, match=r"mine: expected a series and an adjacency, found .*speed\.csv alone"):
        TrafficSource("mine", series=tmp_path / "speed.csv")
