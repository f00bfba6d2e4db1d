"""Everything is tested, exported and told: a mirror test a module, a source a model, a docstring a name."""

import importlib
import inspect
from pathlib import Path

import pytest

import stgraph
from stgraph.models import MODELS, ForecastModel

ROOT = Path(__file__).parents[1]
MODULES = sorted(p.relative_to(ROOT / "stgraph") for p in (ROOT / "stgraph").rglob("*.py") if p.stem != "__init__")
ROOMS = sorted(p.parent.name for p in (ROOT / "stgraph").glob("*/__init__.py") if p.parent.name != "cli")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_mirror_test(module: Path) -> None:
    mirror = ROOT / "tests" / module.parent / f"test_{module.name}"
    assert mirror.is_file()
    assert "assert" in mirror.read_text() or "pytest.raises" in mirror.read_text()


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_documented(room: str) -> None:
    package = importlib.import_module(f"stgraph.{room}")
    names = [n for n in (getattr(package, "__all__", None) or vars(package)) if not n.startswith("_")]
    for name in names:
        thing = getattr(package, name)
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__.startswith("stgraph"):
            assert inspect.getdoc(thing), f"{room}.{name}"


def test_the_surface_resolves_and_says_what_it_is() -> None:
    for name in dir(stgraph):
        assert getattr(stgraph, name).__doc__, name


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_cited_exported_and_alone_in_its_file(name: str) -> None:
    cls = MODELS[name]
    assert cls.name == name
    assert cls.paper
    assert cls.trained in {"gradient", "closed_form", "none"}
    text = Path(inspect.getfile(cls)).read_text()
    assert text.count("(ForecastModel)") == 1
    for argument in list(inspect.signature(cls.__init__).parameters.values())[2:]:
        assert argument.default is not inspect.Parameter.empty, f"{name}: {argument.name} has no default"


def test_every_model_file_is_in_the_catalogue() -> None:
    folder = ROOT / "stgraph" / "models"
    files = {p.stem for p in folder.glob("*.py") if "(ForecastModel)" in p.read_text()}
    assert files == {Path(inspect.getfile(cls)).stem for cls in MODELS.values()}
    assert all(issubclass(cls, ForecastModel) for cls in MODELS.values())
