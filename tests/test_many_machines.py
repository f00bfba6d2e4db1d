"""docs/many-machines.md: its commands run on one machine, and those for several say nothing unknown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import scipy.sparse as sp
from torch.distributed.run import get_args_parser
from typer.main import get_command
from typer.testing import CliRunner

from benchmarks.plan import DEVICES, MACHINES, Plan
from stgraph.cli.main import app
from tests.conftest import World

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "many-machines.md").read_text()
COMMANDS = [
    shlex.split(line) for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
SMALLER = shlex.split("--epochs 1 --accelerator cpu --set hidden=16 --set layers=1")


def test_every_command_says_what_torchrun_and_stgraph_know() -> None:
    started = [command for command in COMMANDS if command[0] == "torchrun"]
    assert len(started) == 3
    for command in started:
        asked = get_args_parser().parse_args(command[1:])
        assert (asked.module, asked.training_script) == (True, "stgraph")
        verb = get_command(app).commands[asked.training_script_args[0]]  # type: ignore[attr-defined]
        verb.make_context("fit", asked.training_script_args[1:], resilient_parsing=False)


@pytest.mark.slow
def test_the_commands_for_one_machine_run(speed_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    series, graph = speed_world.series.slice(0, 240), speed_world.graph
    values = pd.DataFrame(series.values[..., 0], index=series.times, columns=list(series.sensors))
    values.where(series.observed[..., 0]).drop(columns="s03").to_csv("speed.csv", index_label="time")
    kept = [n for n, name in enumerate(series.sensors) if name != "s03"]  # it never spoke
    sp.save_npz("adjacency.npz", sp.csr_array(graph.adjacency)[kept][:, kept])
    store, fit, evaluate = COMMANDS[:3]
    for command in (store, evaluate):
        if command is evaluate:
            launch = [sys.executable, "-m", "torch.distributed.run", *fit[1:], *SMALLER]
            environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
            done = subprocess.run(launch, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert done.stdout.count("written: runs/big/") == 1, "the first process alone speaks"
        result = CliRunner().invoke(app, command[1:])
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
    assert Path("runs/big/run.json").exists()


def test_the_plan_is_arithmetic() -> None:
    plan = Plan(parameters=1_000_000, halo=0.5, step=3600.0, forecast=0.0, page_bytes=1e6)
    rows = plan.rows()
    assert MACHINES * DEVICES == 32
    assert rows["training steps of an epoch"] == f"{32 * 986:,}"  # 31.25 patches each, 63,072 / 64 windows
    assert rows["hours of an epoch on 32 of these"] == f"{32 * 986:,}"
    assert rows["gradient"] == "4.00 MB"
    assert rows["sent by each process a step"].startswith("7.75 MB")  # a ring: 2 x 31 / 32 of it
    assert rows["read a step, with halo"] == "11.5 MB"  # 64 x 24 x 1,500 x 5 bytes
