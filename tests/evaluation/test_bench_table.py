"""The table: ours ranked, theirs apart and as printed, and nothing that is not comparable beside each other."""

import re

import pandas as pd
import pytest

from stgraph.evaluation import bench_table, published
from tests.evaluation.benched import rows_of, table_of

AT = {"@15 min": 2.0, "@30 min": 2.5, "@60 min": 3.0, "avg<=60 min": 2.4}
WORSE = {lead: error + 1 for lead, error in AT.items()}


def blocks(page: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells."""
    tables: list[list[list[str]]] = [[]]
    for line in page.splitlines():
        if line.startswith("|"):
            tables[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]


def test_ours_and_theirs_never_stand_in_one_table() -> None:
    page = bench_table(table_of(rows_of("our-model", AT)))
    ours, *theirs = blocks(page)
    assert [row[1] for row in ours[2:]] == ["our-model"]
    assert "rank" in ours[0]
    assert len(theirs) > 3
    for table in theirs:
        assert "rank" not in table[0]
        assert not any("our-model" in cell for row in table for cell in row)
    assert page.count("#### Not ours: ") == len(theirs)


def test_theirs_keep_their_digits_and_name_protocol_and_source() -> None:
    page = bench_table(table_of(rows_of("a", AT)))
    expected = published().query("dataset == 'metr-la' and protocol == 'dcrnn'")
    for (_, link), _ in expected.groupby(["source", "link"]):
        assert f"[Source]({link})" in page
    row = ["D2STGNN", "2.56 / 4.88 / 6.48", "2.90 / 5.89 / 7.78", "3.35 / 7.03 / 9.40", "-", ""]
    assert any(row in table for table in blocks(page))
    assert page.count("protocol dcrnn, 12 steps in:") == page.count("#### Not ours")


def test_theirs_are_of_the_same_dataset_protocol_and_horizon() -> None:
    for cells, sentence in (
        ({"protocol": "clean"}, "Others published figures on metr-la under dcrnn and basicts: not to be compared"),
        ({"horizon": "6"}, ""),
        ({"dataset": "my-road"}, ""),
    ):
        page = bench_table(table_of(rows_of("a", AT, **cells)))
        assert "Not ours" not in page
        assert sentence in page


def test_ranks_bold_and_what_has_no_rank() -> None:
    page = bench_table(
        table_of(
            rows_of("worse", WORSE),
            rows_of("better", AT),
            rows_of("young", dict.fromkeys(AT, 0.1), converged="no", epochs_run="3"),
            [rows_of("broken", {"": 0})[0] | {"why": "no a|b", "lead": "", "MAE": ""}],
        )
    )
    rows = blocks(page)[0][2:]
    assert [(row[0], row[1]) for row in rows] == [
        ("1", "better"),
        ("2", "worse"),
        ("-", "young (not converged)"),
        ("-", "broken"),
    ]
    assert rows[0][2] == "**2.000** / **4.000** / **6.000**"
    assert rows[1][2] == "3.000 / 6.000 / 9.000"
    assert "**" not in "".join(rows[2])
    assert rows[3][2] == r"cannot: no a\|b"
    assert rows[2][-5:] == ["1", "3 of 30", "2.500", "1.3", "12,345"]
    assert "what had not has no rank" in page


def test_what_one_model_was_trained_with_otherwise_is_said_with_its_name() -> None:
    page = bench_table(
        table_of(
            rows_of("a", AT, minutes="20", batch_size="64", threads="1"),
            rows_of("b", AT, minutes="20", batch_size="16", threads="2"),
            rows_of("c", AT, minutes="20", batch_size="64", threads="2"),
            rows_of("persistence", AT, epochs="", threads="8"),
        )
    )
    assert "Training options: epochs 30; minutes 20; batch size 64 (16: b); threads 2 (1: a)." in page


def test_seeds_are_a_mean_and_a_range_and_shares_are_best_when_high() -> None:
    task = {"protocol": "tgcn", "dataset": "los-loop", "horizon": "3"}
    runs = [rows_of("a", {"avg<=15 min": e}, seed=f"{k}", **task) for k, e in enumerate((1.0, 2.0))]
    page = bench_table(table_of(*runs, rows_of("b", {"avg<=15 min": 4.0}, **task)))
    assert blocks(page)[0][2][2] == "**3.000** (2.000 to 4.000) / **1.500** / **0.9850**"
    assert "RMSE [mph] / MAE [mph] / accuracy" in page
    recomputed = "| T-GCN | 5.1264 / 3.1802 / 0.9127 |  |"
    assert recomputed in page
    assert "recomputed by us from the released predictions" in page


def test_a_dataset_that_was_not_there_is_a_line_that_says_what_to_do() -> None:
    why = "its files were not on this machine: `stgraph data fetch pems04`"
    row = {"dataset": "pems04", "protocol": "pems", "history": "12", "horizon": "12", "why": why}
    page = bench_table(table_of([row]))
    assert page.splitlines()[-1] == f"Not measured: {why}."
    assert not blocks(page)


def test_what_is_not_trained_needs_no_rule_and_nothing_gives_an_empty_page() -> None:
    page = bench_table(table_of(rows_of("persistence", AT, epochs_run="", epochs_planned="", seconds_per_epoch="")))
    assert "converged" not in page
    assert blocks(page)[0][2][-5:] == ["1", "-", "-", "1.3", "12,345"]
    assert bench_table(table_of()) == ""


@pytest.mark.parametrize("level", [2, 4])
def test_headings_are_of_the_level_asked_for(level: int) -> None:
    page = bench_table(table_of(rows_of("a", AT)), pd.DataFrame(published()), level=level)
    heads = {len(line.split(" ")[0]) for line in page.splitlines() if line.startswith("#")}
    assert heads == {level, level + 1}
