"""docs/large-networks.md: its commands run, on a smaller network, and the dry run tells the memory of the fit."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from stgraph.cli.main import app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "large-networks.md").read_text()
COMMANDS = [
    shlex.split(line) for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
SMALLER = {"10000": "300", "28": "1", "1000": "100"}
QUICK = shlex.split("--epochs 2 --batch-size 32 --accelerator cpu")
PEAK = """
import json
from stgraph.cli.main import main
from stgraph.training import peak_memory
try:
    main()
finally:
    print(json.dumps(peak_memory()))
"""


def test_every_command_also_those_in_a_line_is_one_that_there_is() -> None:
    in_lines = [shlex.split(found) for found in re.findall(r"`(stgraph [a-z]+ --[^`]+)`", PAGE)]
    assert (len(COMMANDS), len(in_lines)) == (3, 1)
    for program, verb, *arguments in (*COMMANDS, *in_lines):
        assert program == "stgraph"
        get_command(app).commands[verb].make_context(verb, arguments)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_commands_run_and_a_fit_takes_the_memory_that_the_dry_run_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    simulate, dry, fit = ([SMALLER.get(word, word) for word in command[1:]] for command in COMMANDS)
    result = CliRunner().invoke(app, simulate)
    assert result.exit_code == 0, result.output
    said = _run([*dry, "--patches", "100", *QUICK])
    told = re.search(r"peak memory +([\d,]+) MiB", said)
    assert told is not None, said
    peak = json.loads(_run([*fit, *QUICK]).splitlines()[-1]) / 2**20
    assert peak == pytest.approx(float(told[1].replace(",", "")), rel=0.2)
    assert Path("runs/large/run.json").exists()


def _run(arguments: list[str]) -> str:
    """Run the command line in a process of its own; return what it says, and its peak in the last line."""
    command = [sys.executable, "-c", PEAK, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
