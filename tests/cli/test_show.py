"""What is printed is what was given: no markup, units in brackets stay."""

import pytest

from stgraph.cli.show import say, show_table, warn


def test_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    say("speed [km/h]")
    show_table("t", ("what", "value"), [("flow [veh/h]", 1.23456)])
    output = capsys.readouterr().out
    assert "speed [km/h]" in output
    assert "flow [veh/h]" in output
    assert "1.235" in output


def test_a_warning_is_one_line_on_stderr_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"speed.csv: 1 sensor [bold] :car: {'long ' * 100}"
    warn(text)
    assert capsys.readouterr() == ("", f"stgraph: warning: {text}\n")
