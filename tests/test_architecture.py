"""The floors: a room imports only from floors below it; rooms on one floor don't know each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "stgraph"
FLOORS = (
    {"errors"},
    {"shapes", "files", "delimited", "made_by"},
    {"graph", "series", "metrics"},
    {"propagation", "patches", "datasets"},
    {"layers"},
    {"models"},
    {"training"},
    {"forecasting", "imputation"},
    {"anomaly", "evaluation"},
    {"serving", "plots"},
    {"cli"},
    {"__main__"},
)
FLOOR = {room: k for k, rooms in enumerate(FLOORS) for room in rooms}
BLIND = {"models": {"graph", "series", "datasets"}, "layers": {"graph", "series", "datasets"}}
HEAVY = {
    "lightning",
    "matplotlib",
    "torch_geometric",
    "networkx",
    "sklearn",
    "osmnx",
    "pymetis",
    "holidays",
    "safetensors",
}
HEAVY_AT_TOP = {  # imported lazily themselves
    *(f"training/{name}.py" for name in ("checkpoint", "measure", "module", "resume", "train", "trainer")),
    "forecasting/run_folder.py",
    "plots/picture.py",
}
FILES = sorted(p for p in ROOT.rglob("*.py*") if p.suffix in {".py", ".pyi"})
MODULES = [p for p in FILES if p.suffix == ".py"]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py").removesuffix(".pyi")


def imports_of(path: Path, *, top_only: bool = False) -> list[str]:
    """Full names of what a file imports; relative imports are resolved."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else list(ast.walk(tree))
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = list(path.relative_to(ROOT.parent).parent.parts)
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names += [f"{module}.{alias.name}" for alias in node.names]
    return names


def broken_rule(room: str, imported: str) -> str | None:
    """Say which rule of the house an import of `stgraph...` breaks, if any."""
    parts = imported.split(".")
    other = parts[1] if len(parts) > 1 else ""
    if room in {other, "__init__"}:
        return None
    if other not in FLOOR:
        return None if room == "cli" else f"{room} imports the public surface: {imported}"
    if FLOOR[other] >= FLOOR[room]:
        return f"{room} (floor {FLOOR[room]}) imports {imported} (floor {FLOOR[other]})"
    if other in BLIND.get(room, set()):
        return f"{room} must not know {other}"
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_downward(path: Path) -> None:
    room = room_of(path)
    assert room in FLOOR or room == "__init__", f"{path}: a room without a floor"
    found = [i for i in imports_of(path) if i.split(".")[0] == "stgraph"]
    broken = [rule for i in found if (rule := broken_rule(room, i))]
    assert not broken


def test_the_rule_itself_can_fail() -> None:
    assert broken_rule("graph", "stgraph.models.PatchNet")
    assert broken_rule("patches", "stgraph.propagation.propagate")
    assert broken_rule("models", "stgraph.series.TrafficSeries")
    assert not broken_rule("models", "stgraph.patches.PatchBatch")
    assert not broken_rule("cli", "stgraph.plots")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_needed(path: Path) -> None:
    if str(path.relative_to(ROOT)) in HEAVY_AT_TOP:
        return
    top = {name.split(".")[0] for name in imports_of(path, top_only=True)}
    assert not top & HEAVY


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert code_lines(node) <= 40, f"{path.name}: {node.name}"


def code_lines(function: ast.FunctionDef) -> int:
    """Lines of the body without the docstring; a long list of arguments is no long function."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
