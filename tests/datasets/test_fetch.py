"""Fetching a dataset: from the first address that gives the right bytes, and only what is not there."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from stgraph.datasets import DATASETS, Address, DataFile, Dataset, DatasetFacts, Source, fetch, load
from stgraph.datasets.seen import NAME, read_seen
from stgraph.errors import DataError, UnknownNameError
from stgraph.graph import read_adjacency
from stgraph.series import read_series
from tests.datasets.conftest import Site
from tests.datasets.tiny import write_text

SPEED, MATRIX = b"a,b\n1,2\n3,4\n", b"0,1\n0,0\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    series = read_series(files["series"], start=facts.first, interval=facts.interval, unit=facts.units)
    return Dataset(facts, series, read_adjacency(files["adjacency"], series.sensors))


def offer(monkeypatch: pytest.MonkeyPatch, *files: DataFile, login: bool = False) -> None:
    facts = DatasetFacts(
        name="toy",
        title="A toy",
        channels=("speed",),
        units=("mph",),
        sensors=2,
        steps=2,
        interval="5min",
        first="2024-01-01",
        last="2024-01-02",
        timezone="Europe/Berlin",
        unobserved="nothing",
        adjacency="a matrix",
        directed=True,
        weighted=False,
        licence="none",
        citation="Nobody 2024",
        link="https://example.org",
        files=files,
        login=login,
        by_hand="take it from the shelf",
    )
    monkeypatch.setitem(DATASETS, "toy", Source(facts, read))


def speeds(*addresses: Address) -> DataFile:
    return DataFile("series", "toy/speed.csv", addresses=addresses)


def matrix(*addresses: Address, needed: bool = True) -> DataFile:
    return DataFile("adjacency", "toy/adjacency.csv", addresses=addresses, needed=needed)


def test_fetched_once_recorded_and_loaded(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files = {"/speed": SPEED, "/matrix": MATRIX}
    known = Address(site.url("/speed"), f"sha256:{sha(SPEED)}")
    offer(monkeypatch, speeds(known), matrix(Address(site.url("/matrix"), verified=True)))
    said: list[str] = []
    found = fetch("toy", tmp_path, report=said.append)
    assert found == {"series": tmp_path / "toy" / "speed.csv", "adjacency": tmp_path / "toy" / "adjacency.csv"}
    assert load("toy", tmp_path).series.values.ravel().tolist() == [1, 2, 3, 4]
    assert json.loads((tmp_path / NAME).read_text()) == {
        site.url("/speed"): sha(SPEED),
        site.url("/matrix"): sha(MATRIX),
    }
    assert any("unverified" in line and site.url("/speed") in line for line in said)
    assert not any("unverified" in line and site.url("/matrix") in line for line in said)
    said.clear()
    assert fetch("toy", tmp_path, report=said.append) == found
    assert all("there already" in line for line in said)
    assert len(site.asked) == 2


def test_the_second_address_stands_in_for_the_first(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.files = {"/wrong": b"<html>", "/right": SPEED, "/matrix": MATRIX}
    digest = f"sha256:{sha(SPEED)}"
    addresses = [Address(site.url(path), digest) for path in ("/gone", "/wrong", "/right")]
    offer(monkeypatch, speeds(*addresses), matrix(Address(site.url("/matrix"))))
    said: list[str] = []
    fetch("toy", tmp_path, report=said.append)
    assert (tmp_path / "toy" / "speed.csv").read_bytes() == SPEED
    assert [path for path, _ in site.asked] == ["/gone", "/wrong", "/right", "/matrix"]
    assert any("404" in line for line in said)
    assert set(read_seen(tmp_path)) == {site.url("/right"), site.url("/matrix")}


def test_the_first_bytes_seen_are_the_only_ones_taken(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.files = {"/speed": SPEED, "/matrix": MATRIX}
    offer(monkeypatch, speeds(Address(site.url("/speed"))), matrix(Address(site.url("/matrix"))))
    speed = fetch("toy", tmp_path)["series"]
    speed.unlink()
    site.files["/speed"] = SPEED.replace(b"4", b"5")
    with pytest.raises(DataError, match=f"expected the digest sha256:{sha(SPEED)}, found sha256:"):
        fetch("toy", tmp_path)
    assert not speed.exists()
    site.files["/speed"] = SPEED
    assert fetch("toy", tmp_path)["series"].read_bytes() == SPEED


def test_what_takes_a_hand_is_said_exactly(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, speeds(), DataFile("series", "toy/speed.npz"), matrix(Address(site.url("/gone"))), login=True)
    with pytest.raises(DataError) as error:
        fetch("toy", tmp_path)
    text = str(error.value)
    assert text.startswith("toy: is to be fetched by hand (an account is needed): take it from the shelf; put it as ")
    assert "; tried in vain: 404 " in text
    folder = tmp_path / "toy"
    assert f"{folder / 'speed.csv'} or {folder / 'speed.npz'} (series), and {folder / 'adjacency.csv'}" in text


def test_a_file_that_is_not_needed_may_fail(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files = {"/speed": SPEED}
    offer(monkeypatch, speeds(Address(site.url("/speed"))), matrix(Address(site.url("/gone")), needed=False))
    said: list[str] = []
    assert set(fetch("toy", tmp_path, report=said.append)) == {"series"}
    assert "404" in said[-1]


def test_a_file_put_there_by_hand_is_used_as_it_is(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files = {"/matrix": MATRIX}
    offer(monkeypatch, speeds(Address(site.url("/speed"), "sha256:00")), matrix(Address(site.url("/matrix"))))
    write_text(tmp_path / "toy" / "speed.csv", "a,b\n9,9\n")
    fetch("toy", tmp_path)
    assert [path for path, _ in site.asked] == ["/matrix"]
    assert (load("toy", tmp_path).series.values == 9).all()


def test_a_name_that_is_none_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="pems04"):
        fetch("pems4", tmp_path)
    assert list(tmp_path.iterdir()) == []
