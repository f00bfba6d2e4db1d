"""The command line as a user meets it: instant help, one-line errors, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from stgraph.cli.main import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["stgraph", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_help_names_every_verb_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['stgraph', '--help']\n"
        "from stgraph.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('HEAVY', {'torch', 'pandas', 'numpy', 'lightning', 'matplotlib'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    for verb in ("demo", "simulate", "fit", "forecast", "info", "models"):
        assert verb in shown
    assert "HEAVY set()" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("forecast", "nowhere"), "nowhere/run.json: not found"),
        (("fit", "--series", "no.csv", "--adjacency", "no.csv", "--output", "out"), "no.csv"),
        (("simulate", "--days", "2", "--output", "file/inside"), "cannot be written"),
        (("demo", "--output", "file/inside"), "file is a file"),
    ],
)
def test_an_error_is_one_line_on_stderr_and_exit_code_1(
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert run(monkeypatch, *arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("stgraph: ")
    assert words in error
    assert error.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_an_error_of_many_lines_and_any_length_is_one_line_that_begins_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two\nlines.csv").write_text(f"time,a\n2012-03-01,{'x' * 5000}\n")
    assert run(monkeypatch, "fit", "--series", "two\nlines.csv", "--adjacency", "no.csv", "--output", "out") == 1
    error = capsys.readouterr().err
    assert error.startswith("stgraph: two lines.csv, line 2, column 'a': expected a number")
    assert error.endswith("xxx ...\n")
    assert error.count("\n") == 1
    assert len(error) < 700


def test_a_wrong_option_is_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "fit", "--nonsense") == 2
