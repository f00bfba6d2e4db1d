"""`stgraph fit --also`: what `fit_networks` makes of the same files, a run folder each; also by two processes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting import Forecaster, fit_networks, load, read_inputs
from stgraph.graph import write_adjacency
from stgraph.series import write_npz
from stgraph.training import Training
from tests.cli.test_data import run
from tests.conftest import World, road, traffic

ROOT = Path(__file__).parents[2]
SETTINGS = {"hidden": 8, "heads": 2, "layers": 1, "profile_dropout": 0.0}
SMALL = (
    "--epochs",
    "2",
    "--accelerator",
    "cpu",
    *(word for k, v in SETTINGS.items() for word in ("--set", f"{k}={v}")),
)


@pytest.fixture
def networks(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of two, north.npz and south.npz, on the desk."""
    graph = road(8)
    for name, one in (("north", world), ("south", World(graph, traffic(graph, steps=400, seed=5)))):
        write_npz(one.series.select(channels=("speed",)), tmp_path / f"{name}.npz")
        write_adjacency(one.graph, tmp_path / f"{name}.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(*more: str) -> list[str]:
    return ["fit", "--series", "north.npz", "--adjacency", "north.csv", "--also", "south.npz=south.csv", *SMALL, *more]


def twins() -> dict[str, Forecaster]:
    inputs = {name: read_inputs(Path(f"{name}.npz"), Path(f"{name}.csv")) for name in ("north", "south")}
    training = Training(epochs=2, accelerator="cpu", progress=False)
    found = {name: (one.series, one.graph) for name, one in inputs.items()}
    return fit_networks(found, training=training, settings=SETTINGS)


@pytest.mark.usefixtures("networks")
def test_each_network_gets_a_run_that_forecasts_and_is_scored() -> None:
    said = run(*asked("--output", "both"))
    assert "written: both/north/" in said
    assert sorted(path.name for path in Path("both").iterdir()) == ["north", "south"]
    for name, twin in twins().items():
        found = load(f"both/{name}")
        np.testing.assert_array_equal(found.forecast(coverage=0.9).upper, twin.forecast(coverage=0.9).upper)
        assert "of north, south that were trained on together" in found.describe()["series"]
    assert "patchnet" in run("evaluate", "both/south")
    run("forecast", "both/south", "--output", "south-forecast.csv")


@pytest.mark.usefixtures("networks")
def test_what_cannot_be_is_one_error_and_no_folder() -> None:
    with pytest.raises(DataError, match="--also: not together with --dry-run"):
        run(*asked("--dry-run"))
    with pytest.raises(DataError, match="expected networks of different names, found north, south, south"):
        run(*asked("--output", "both", "--also", "./south.npz=south.csv"))
    with pytest.raises(MismatchError, match="stid knows its own 17 sensors"):
        run("fit", "--model", "stid", "--output", "both", *asked()[1:7])
    assert not list(Path("both").glob("*"))


@pytest.mark.slow
@pytest.mark.usefixtures("networks")
def test_two_processes_make_the_same_of_it() -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "stgraph"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, *asked("--output", "both")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("written: both/south/") == 1, "the first process alone speaks"
    for name, twin in twins().items():
        found = load(f"both/{name}").forecast(coverage=0.9)
        expected = twin.forecast(coverage=0.9)
        np.testing.assert_allclose(found.values, expected.values, rtol=1e-4)
        assert found.upper is not None
        assert expected.upper is not None
        np.testing.assert_allclose(found.upper, expected.upper, rtol=1e-3)
