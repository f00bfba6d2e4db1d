"""`Comparison`: which rows are shown, and that its words say what its numbers are."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from stgraph.errors import UnknownNameError
from stgraph.evaluation.comparison import Comparison, Difference, check_metric

BETTER = Difference(
    channel="speed",
    unit="mph",
    lead="avg<=60 min",
    minutes=60.0,
    one=3.0,
    other=3.12,
    difference=-0.12,
    low=-0.19,
    high=-0.05,
    relative=-3.92,
    relative_low=-6.0,
    relative_high=-1.6,
    p_value=0.01,
    kernel="plain",
    days=12,
    windows=3000,
)


def of(*differences: Difference) -> Comparison:
    return Comparison(("patchnet", "gru"), "MAE", "test", differences)


def said(**changes: Any) -> str:
    return of(replace(BETTER, **changes)).describe()


def test_it_says_who_is_better_and_how_sure_that_is() -> None:
    sure = "(95 % interval 0.05 to 0.19 over 12 days; DM p = 0.01)"
    assert said() == f"speed, MAE avg<=60 min: patchnet is better than gru by 0.12 mph {sure}"
    turned = said(difference=0.12, low=0.05, high=0.19)
    assert turned == f"speed, MAE avg<=60 min: gru is better than patchnet by 0.12 mph {sure}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"high": 0.01}, "(difference -0.12 mph, 95 % interval -0.19 to 0.01 over 12 days; DM p = 0.01)"),
        ({"p_value": 0.2}, "(difference -0.12 mph, 95 % interval -0.19 to -0.05 over 12 days; DM p = 0.2)"),
        ({"p_value": float("nan")}, "DM p unknown, too few windows)"),
        ({"high": 0.0}, "to 0 over 12 days"),
    ],
)
def test_without_interval_and_test_nothing_can_be_told(changes: dict[str, float], words: str) -> None:
    text = said(**changes)
    assert ": no difference between patchnet and gru can be told (" in text
    assert words in text


def test_few_days_are_said() -> None:
    assert "over 4 days, too few to trust the interval; DM" in said(days=4)
    assert "over 1 day, too few" in said(days=1)
    assert "too few" not in said(days=5)
    assert "DM p < 0.001" in said(p_value=1e-9)


def test_each_channel_has_its_line_and_a_channel_may_lack_a_unit() -> None:
    lines = of(BETTER, replace(BETTER, channel="share", unit="")).describe().splitlines()
    assert [line.split(",")[0] for line in lines] == ["speed", "share"]
    assert "by 0.12 (95 %" in lines[1]


def test_tables_hold_every_lead_and_the_summary_the_shown_ones() -> None:
    leads = [replace(BETTER, lead=f"@{m} min", minutes=float(m)) for m in range(5, 65, 5)]
    found = of(*leads, BETTER)
    table = found.to_dataframe()
    assert table.to_dict(orient="records") == [asdict(row) for row in (*leads, BETTER)]
    assert list(found.summary()["lead"]) == ["@15 min", "@30 min", "@60 min", "avg<=60 min"]
    short = of(*(replace(row, minutes=row.minutes / 100) for row in (*leads, BETTER)))
    assert list(short.summary()["lead"]) == ["@60 min", "avg<=60 min"], "the last lead, where none is at 15 to 60 min"


def test_as_plain_data_it_is_valid_json() -> None:
    found = of(BETTER, replace(BETTER, channel="flow", p_value=float("nan")))
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["differences"][0] == asdict(BETTER)
    assert plain["differences"][1]["p_value"] is None
    assert plain["verdict"] == found.describe()
    assert [plain[key] for key in ("one", "other", "metric", "part", "level")] == [
        "patchnet",
        "gru",
        "MAE",
        "test",
        0.95,
    ]


def test_another_metric_is_refused() -> None:
    assert check_metric("RMSE") == "RMSE"
    with pytest.raises(UnknownNameError, match=r"unknown metric 'MAPE'.*Valid: MAE, RMSE"):
        check_metric("MAPE")
