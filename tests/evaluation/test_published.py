"""What others published: every figure of a known task, with its source, once; a bad row is named."""

from pathlib import Path

import pytest

from stgraph.datasets import DATASETS
from stgraph.errors import DataError
from stgraph.evaluation import PROTOCOLS, published
from stgraph.evaluation.bench_standings import minutes_of
from stgraph.evaluation.published import FIGURES, FILE, KINDS

LINES = FILE.read_text().splitlines()


def test_every_row_has_a_source_a_link_and_a_unit_of_its_dataset() -> None:
    table = published()
    assert table["link"].str.match(r"https://\S+$").all()
    assert set(table["kind"]) == set(KINDS)
    for (name, unit), _ in table.groupby(["dataset", "unit"]):
        assert unit == DATASETS[str(name)].facts.units[0], name


def test_a_lead_is_a_whole_number_of_steps_up_to_the_horizon() -> None:
    for row in published().itertuples():
        interval = float(DATASETS[str(row.dataset)].facts.interval.removesuffix("min"))
        steps = minutes_of(str(row.lead)) / interval
        assert steps == int(steps) <= int(str(row.horizon)), row
        pooled = str(row.lead).startswith("avg")
        assert pooled or PROTOCOLS[str(row.protocol)].headline == "at", row


def test_the_figures_can_be_those_of_one_forecast() -> None:
    """An RMSE is never below its MAE, and errors grow with the lead."""
    table = published()
    numbers = table[list(FIGURES)].apply(lambda column: column.map(lambda cell: float(cell) if cell else None))
    both = numbers.dropna(subset=["MAE", "RMSE"])
    assert (both["RMSE"] >= both["MAE"]).all()
    assert numbers["accuracy"].dropna().between(0, 1).all()
    at = table.assign(error=numbers["MAE"], minutes=table["lead"].map(minutes_of))
    at = at[at["lead"].str.startswith("@")].sort_values("minutes")
    alike = ["dataset", "model", "source", "note"]
    steps = at.groupby(alike, sort=False)["error"].agg(lambda errors: errors.diff().min())
    assert steps.dropna().min() > -0.02  # a copied value wobbles


def test_what_we_measured_ourselves_is_not_called_published() -> None:
    ours = published().query("dataset == 'i5n-2025-10'")
    assert set(ours["kind"]) == {"public code"}
    assert "not published" in KINDS["public code"]
    assert ours["note"].str.contains("shown the imputed values").all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("metr-la", "metr-al"), "line 2, column 'dataset': expected a known dataset, found 'metr-al'"),
        ((",dcrnn,", ",dcrn,"), "line 2, column 'protocol'"),
        ((",published,", ",rumour,"), "line 2, column 'kind'"),
        (("https://github.com/zezhishao/D2STGNN", ""), "line 2, column 'link': expected a known link, found ''"),
        (("4.79", "4,79"), "line 2"),
        (("4.79", "low"), r"line 2: expected numbers, one at least, found \['low'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    (tmp_path / "bad.csv").write_text("\n".join([LINES[0], LINES[1].replace(*change)]))
    with pytest.raises(DataError, match=rf"bad\.csv, {words}"):
        published(tmp_path / "bad.csv")


def test_a_row_stands_once_and_no_column_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("\n".join([*LINES[:3], LINES[1]]))
    with pytest.raises(DataError, match=r"bad\.csv, line 4: expected a row once"):
        published(file)
    file.write_text("\n".join([LINES[0].replace("source", "from"), LINES[1]]))
    with pytest.raises(DataError, match=r"bad\.csv: expected a column 'source'"):
        published(file)
