"""A run folder that is missing, truncated, altered or foreign is one line on stderr; so is a series it can't take."""

import json
from pathlib import Path

import pytest

from stgraph.files import sha256
from tests.cli.conftest import WIDE, Refused, assert_matches, put, text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("", "not readable as JSON"),
        ('{"format": 1', "not readable as JSON"),
        ("[" * 100_000, "not readable as JSON"),
        (b"\xff\xfe{\x00", "not readable as JSON"),
        ("[]", "expected a run of format 1, found None"),
        ('{"a": 1}', "expected a run of format 1, found None"),
        ('{"format": 2}', "expected a run of format 1, found 2"),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_a_run_of_foreign_json_is_refused(refused: Refused, facts: str | bytes, words: str) -> None:
    Path("run/run.json").write_bytes(facts.encode() if isinstance(facts, str) else facts)
    for verb in ("forecast", "info"):
        assert_matches(refused(verb, "run"), f"run/run.json: {words}")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("model", {"name": "patchnt", "builtin": True, "settings": {}}, "unknown model 'patchnt': did you mean"),
        ("model", {"name": "mine", "builtin": False, "settings": {}}, "the run was fitted with a model of your own"),
        ("model", {"name": "persistence", "builtin": True, "settings": [1]}, "not a run of this library, or altered"),
        ("model", {"name": "patchnet", "builtin": True, "settings": {"hidden": -1}}, "not a run of this library"),
        ("model", {"name": "patchnet", "builtin": True, "settings": {}}, "not a run of this library, .*state_dict"),
        ("task", {"sensors": -3}, "not a run of this library, or altered .DataError: sensors"),
        ("scaler", {"mean": ["x"], "deviation": [1], "bounded_by_zero": [True]}, "not a run of this library"),
        ("scaler", {"mean": [60], "deviation": [0], "bounded_by_zero": [True]}, "not a run .*deviations above 0"),
        ("scaler", {"mean": [6, 6], "deviation": [1, 1], "bounded_by_zero": [1, 1]}, "scaler: expected a mean for"),
        ("sensors", ["a", "b"], "not a run of this library"),
        ("sensors", "abc", "sensors: expected .*list.*, found 'abc'"),
        ("country", [], "country: expected .*, found"),
        ("provenance", None, "provenance: expected .*, found None"),
        ("log", {"epochs": [], "best_epoch": 9, "seconds": 0}, "not a run of this library, or altered .IndexError"),
    ],
)
def test_altered_facts_of_a_run_are_refused(refused: Refused, place: str, value: object, words: str) -> None:
    facts = json.loads(Path("run/run.json").read_text())
    Path("run/run.json").write_text(json.dumps(facts | {place: value}))
    for verb in ("forecast", "info"):
        assert_matches(refused(verb, "run"), f"run/run.json: {words}")


def test_truncated_foreign_and_missing_tensors_are_refused(refused: Refused) -> None:
    tensors, facts = Path("run/tensors.safetensors"), Path("run/run.json")
    whole, said = tensors.read_bytes(), json.loads(facts.read_text())
    for content in (whole[:-9], b"", b"junk", Path("other/tensors.safetensors").read_bytes()):
        tensors.write_bytes(content)
        assert_matches(refused("forecast", "run"), "run/tensors.safetensors: expected SHA-256 .* truncated, altered or")
    tensors.write_bytes(whole[:-9])
    facts.write_text(json.dumps(said | {"tensors_sha256": sha256(tensors)}))
    assert_matches(refused("info", "run"), "run/tensors.safetensors: not readable as safetensors")
    tensors.unlink()
    assert_matches(refused("forecast", "run"), "run/tensors.safetensors: not readable .* .No such file")


def test_a_run_that_is_none_is_refused(refused: Refused) -> None:
    for run in ("nowhere", "wide.csv", "."):
        for verb in ("forecast", "info"):
            assert refused(verb, run).removeprefix(f"{run}/").startswith("run.json: not found; a run is a folder")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (put(1, "time,1,2,3"), "expected sensors .* such as '773869', .* found none of them among 3: '1', '2', '3'"),
        (text([WIDE[0], *WIDE[1::2]]), "interval: the model was fitted on .* 00:05:00, found none shorter .* 00:10:00"),
        (text([WIDE[0], *(f"{row[:19]},,," for row in WIDE[1:])]), "nothing was observed in the last 12 steps up to"),
    ],
)
def test_another_series_than_the_run_knows_is_refused(refused: Refused, table: str, words: str) -> None:
    Path("newest.csv").write_text(table)
    error = refused("forecast", "run", "--input", "newest.csv", "--output", "forecast.csv")
    assert_matches(error, f"newest.csv: {words}")


def test_a_forecast_that_cannot_be_written_says_so(refused: Refused) -> None:
    for output in ("wide.csv/forecast.csv", "forecast.xyz"):
        for option in ("--output", "--plot"):
            assert_matches(refused("forecast", "run", option, output), "(wide.csv|forecast)[/.].*: ")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--unit", "mph"), "expected --input beside --unit, --start and"),
        (("--start", "2012-03-01"), "expected --input beside --unit, --start and"),
        (("--adjacency", "new.csv"), "expected --input beside --unit, --start and --adjacency"),
        (("--steps", "3", "--until", "2012-03-02"), "expected .* --steps or --until, not both"),
        (("--until", "2012-03-01"), "until: expected the first time that can be forecast, 2012-03-01 05:00:00"),
        (("--input", "wide.csv", "--unit", "veh/h"), "wide.csv: units: expected speed in '' or in a unit of the same"),
        (("--input", "wide.csv", "--start", "2012-03-01"), "wide.csv, line 2: has a time of its own"),
    ],
)
def test_a_bad_flag_of_a_forecast_is_named(refused: Refused, flags: tuple[str, ...], words: str) -> None:
    assert_matches(refused("forecast", "run", *flags), words)
