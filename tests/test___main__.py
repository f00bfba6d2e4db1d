"""`python -m stgraph` is the command line."""

import subprocess
import sys


def test_it_speaks_as_the_command_does() -> None:
    done = subprocess.run([sys.executable, "-m", "stgraph", "--help"], capture_output=True, text=True, check=True)
    assert "Forecast the flows and speeds of a road network" in done.stdout
