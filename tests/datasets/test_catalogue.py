"""The contract of every dataset: facts that hold, a reader that reads its files, and refuses what they are not."""

import re
from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import DATASETS, find_dataset, load, locate
from stgraph.datasets.digests import LENGTHS
from stgraph.errors import StgraphError, UnknownNameError
from stgraph.series.times import known_zone, to_step
from tests.datasets.tiny import WRITERS

WITH_FILES = [name for name, source in DATASETS.items() if source.facts.files]


@pytest.mark.parametrize("name", DATASETS)
def test_the_facts_are_complete_and_well_formed(name: str) -> None:
    facts = DATASETS[name].facts
    assert facts.name == name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert all((facts.title, facts.licence, facts.citation, facts.unobserved, facts.adjacency))
    assert facts.link.startswith("http")
    assert re.search(r"\b(19|20)\d\d\b", facts.citation)
    assert len(facts.channels) == len(facts.units)
    assert np.datetime64(facts.first) < np.datetime64(facts.last)
    to_step(facts.interval)
    if facts.files:
        known_zone(facts.timezone)
        assert facts.by_hand
        assert "\n" not in facts.by_hand


@pytest.mark.parametrize("name", DATASETS)
def test_as_many_steps_as_the_period_can_hold_and_no_more(name: str) -> None:
    facts = DATASETS[name].facts
    days = int((np.datetime64(facts.last) - np.datetime64(facts.first)).astype(int)) + 1
    assert 0 < facts.steps <= days * np.timedelta64(1, "D") // to_step(facts.interval)


@pytest.mark.parametrize("name", WITH_FILES)
def test_files_have_places_of_their_own_and_addresses_say_what_they_give(name: str) -> None:
    facts = DATASETS[name].facts
    places = [path for file in facts.files for path in (file.path, *file.also)]
    assert len(set(places)) == len(places)
    assert not any(Path(path).is_absolute() or ".." in path or "\\" in path for path in places)
    for address in (address for file in facts.files for address in file.addresses):
        assert re.match(r"https://\S+$", address.url)
        assert address.source
        kind, _, digits = address.digest.partition(":")
        assert re.fullmatch(f"[0-9a-f]{{{LENGTHS[kind]}}}", digits)
        assert address.verified or "unverified" in str(address)


def test_every_dataset_has_files_in_small_and_the_nearest_name_is_suggested() -> None:
    assert set(WRITERS) == set(DATASETS)
    with pytest.raises(UnknownNameError, match="did you mean 'metr-la'"):
        find_dataset("metrla")


@pytest.mark.parametrize("name", DATASETS)
def test_what_is_read_is_what_the_facts_say(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path)
    dataset = load(name, tmp_path)
    facts, series, graph = dataset.facts, dataset.series, dataset.graph
    assert (series.channels, series.units) == (facts.channels, facts.units)
    assert str(series.times[0]).startswith(facts.first)
    assert series.interval == to_step(facts.interval)
    assert series.timezone is None
    assert graph.ids == series.sensors
    assert 0 < series.observed.mean() <= 1
    assert not np.isin(series.values[series.observed], facts.missing).any()
    weights = set(np.unique(graph.adjacency.data))
    assert facts.weighted or weights <= {1.0}
    assert facts.directed or abs(graph.adjacency - graph.adjacency.T).sum() == 0
    assert load(name, tmp_path).series.digest() == series.digest()
    said = f"{name}: expected {facts.steps} steps of {facts.sensors} sensors as published"
    assert [note.startswith(said) for note in series.notes] == ([True] if facts.files else [])


@pytest.mark.parametrize("name", WITH_FILES)
def test_a_file_that_is_not_there_is_named_with_where_it_was_looked_for(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path)
    facts = DATASETS[name].facts
    for role, path in locate(facts, tmp_path).items():
        content = path.read_bytes()
        path.unlink()
        if facts.roles[role][0].needed:
            with pytest.raises(StgraphError) as error:
                load(name, tmp_path)
            assert f"{role} ({facts.roles[role][0].path}" in str(error.value)
            assert str(tmp_path) in str(error.value)
            assert f"stgraph data fetch {name}" in str(error.value)
        else:
            load(name, tmp_path)
        path.write_bytes(content)


@pytest.mark.parametrize("name", WITH_FILES)
@pytest.mark.parametrize("damage", ["empty", "half", "noise", "text"])
def test_a_damaged_file_is_one_error_that_names_it(name: str, damage: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path)
    for path in locate(DATASETS[name].facts, tmp_path).values():
        content = path.read_bytes()
        noise = np.random.default_rng(0).bytes(300)
        bad = {"empty": b"", "half": content[: len(content) // 2], "noise": noise, "text": b"to be, or not, to be\n"}
        path.write_bytes(bad[damage])
        try:
            load(name, tmp_path)
        except StgraphError as error:
            assert re.search(f"{re.escape(path.name)}[^\n]*$", str(error))  # noqa: PT017 - half a text may be whole
        else:
            assert damage == "half"
        path.write_bytes(content)
