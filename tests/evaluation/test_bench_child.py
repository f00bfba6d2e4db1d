"""Work in a process of its own: answers and errors come back, deaths are told, and it outlives nobody."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from stgraph.errors import RunError, UnknownNameError
from stgraph.evaluation.bench_child import EndedError, apart


def halve(number: int, *, add: int = 0) -> float:
    if number == 13:
        raise UnknownNameError.of("number", "13", ["12"])
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 0:
        os._exit(3)
    return number / 2 + add


@pytest.mark.slow
def test_answers_errors_and_deaths_come_back() -> None:
    assert apart(halve, 5, add=1) == 3.5
    with pytest.raises(UnknownNameError, match="unknown number '13'"):
        apart(halve, 13)
    with pytest.raises(EndedError, match="the process ended by signal 9: perhaps for want of memory"):
        apart(halve, -1)
    with pytest.raises(RunError, match="the process ended with exit code 3"):
        apart(halve, 0)


def forever(mark: Path) -> None:
    mark.write_text(f"{os.getpid()}")
    time.sleep(600)


PARENT = """
import sys
from pathlib import Path
from stgraph.evaluation.bench_child import apart
from tests.evaluation.test_bench_child import forever
apart(forever, Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_it_ends_when_the_one_that_waits_for_it_is_killed(tmp_path: Path) -> None:
    mark, root = tmp_path / "mark", str(Path(__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", PARENT, str(mark)], cwd=root) as parent:
        while not (mark.exists() and mark.read_text()):
            assert parent.poll() is None
            time.sleep(0.02)
        child = psutil.Process(int(mark.read_text()))
        assert child.is_running()
        parent.kill()
    assert not psutil.wait_procs([child], timeout=30)[1]
