"""What the benchmarks of size measure still runs: a small network stands in for theirs."""

from pathlib import Path

import pytest

from benchmarks import plan, scale
from stgraph.datasets import network_traffic, road_network


@pytest.mark.slow
def test_the_plan_measures_a_step_of_patchnet() -> None:
    row = plan.measured("streets", plan.streets(12))
    assert (row["network"], row["reach"], row["sensors in the timed patch"]) == ("streets", 3, 144)
    assert all(float(row[name]) > 0 for name in ("parameters", "read s", "forecast s", "step s", "page bytes"))


@pytest.mark.slow
@pytest.mark.parametrize(("way", "sensors"), [("patches", 80), ("whole", 150)])
def test_the_scale_is_measured_both_ways(
    tmp_path: Path, way: str, sensors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "PATCH", 75)
    network_traffic(road_network(150), 2, interval=15, folder=tmp_path / "store")
    row = scale.measured(tmp_path / "store", way)
    assert (row["sensors"], row["steps"], row["way"]) == (150, 192, way)
    assert row["sensors_in_batch"] >= sensors
    assert all(row[name] > 0 for name in ("partition_s", "estimated_gb", "step_s", "forecast_s", "peak_gb"))
