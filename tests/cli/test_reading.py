"""Options of reading: the same for every verb that reads a series, and the arguments of `read_series`."""

import inspect

import pytest
from typer.main import get_command

from stgraph.cli.main import app
from stgraph.cli.reading import FLAGS, OPTIONS, how_to_read
from stgraph.series import Resampling, read_series


@pytest.mark.parametrize("path", [("fit",), ("backtest",), ("store",), ("check",), ("graph", "correlation")])
def test_every_verb_that_reads_a_series_takes_them_all(path: tuple[str, ...]) -> None:
    verb = get_command(app)
    for name in path:
        verb = verb.commands[name]  # type: ignore[attr-defined]
    assert set(FLAGS) <= {flag for option in verb.params for flag in option.opts}
    assert "how" not in {option.name for option in verb.params}


def test_they_become_the_arguments_of_the_reader() -> None:
    plain = how_to_read()
    assert set(plain) < set(inspect.signature(read_series).parameters)
    assert plain["header"]
    assert not any(value for name, value in plain.items() if name != "header")
    said = how_to_read(column=["time=at"], missing=[0.0], resample="5min", no_header=True)
    assert said["columns"] == {"time": "at"}
    assert said["missing"] == [0.0]
    assert said["resample"] == Resampling("5min")
    assert not said["header"]
    assert len(OPTIONS) == 13
