"""What is printed is what was given: no markup, units in brackets stay."""

import pytest

from stgraph.cli.show import say, show_table


def test_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    say("speed [km/h]")
    show_table("t", ("what", "value"), [("flow [veh/h]", 1.23456)])
    output = capsys.readouterr().out
    assert "speed [km/h]" in output
    assert "flow [veh/h]" in output
    assert "1.235" in output
