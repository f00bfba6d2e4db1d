"""The README's Python runs as it stands, and its commands exist."""

import ast
import importlib
import json
import re
from pathlib import Path

import matplotlib as mpl
import pytest
from typer.main import get_command

from benchmarks.tables import DOCUMENTS, TABLES, filled
from stgraph.cli.main import app

README = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
def test_the_python_of_the_readme_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - our own README
    shown = capsys.readouterr().out
    assert "km/h" in shown
    assert (tmp_path / "runs").is_dir()


def test_every_command_of_the_readme_has_its_verb_and_options() -> None:
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    lines = re.sub(r"\\\n", " ", "\n".join(blocks("bash"))).splitlines()
    shown = [line.split("#")[0].split() for line in lines if line.startswith("stgraph ")]
    assert {words[1] for words in shown} >= {"fit", "forecast", "demo"}
    for words in shown:
        verb = verbs[words[1]]
        verb = getattr(verb, "commands", {}).get(words[2], verb) if len(words) > 2 else verb
        known = {name for option in verb.params for name in option.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, f"{words[:2]}: {used - known}"


def test_every_make_verb_of_the_readme_is_in_the_makefile() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    named = set(re.findall(r"make (\w+)", "\n".join(blocks("bash"))))
    assert {"demo", "test"} <= named
    for verb in named:
        assert re.search(rf"^{verb}:", makefile, flags=re.MULTILINE), verb


def test_the_tables_of_the_documents_are_those_of_the_results() -> None:
    texts = [document.read_text() for document in DOCUMENTS]
    assert sum(text.count("<!-- end -->") for text in texts) == len(TABLES)
    assert [filled(text) for text in texts] == texts
    assert filled(README.replace("persistence |", "persistence | 0.00 |")) == README


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem
)
def test_a_notebook_is_kept_without_outputs_and_uses_public_names(path: Path) -> None:
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    named = [node for cell in cells for node in ast.walk(ast.parse("".join(cell["source"])))]
    imported = [node for node in named if isinstance(node, ast.ImportFrom) and str(node.module).startswith("stgraph")]
    assert imported
    for node in imported:
        public = dir(importlib.import_module(str(node.module)))
        assert str(node.module).count(".") == 1, f"{node.module}: expected a room"
        assert not [name.name for name in node.names if name.name not in public or name.name.startswith("_")]
