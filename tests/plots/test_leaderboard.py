"""The picture of a benchmark: every model at its error, the unranked hollow, nothing where nothing was measured."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from stgraph import plots
from stgraph.errors import DataError
from tests.evaluation.benched import rows_of, table_of

AT = {"@15 min": 2.0, "@30 min": 2.5, "avg<=60 min": 2.4}


def test_every_model_is_drawn_at_its_errors_in_the_order_of_rank() -> None:
    worse = {lead: error + 1 for lead, error in AT.items()}
    slow = rows_of("c", AT, converged="no", seconds_per_epoch="1914.6")
    figure = plots.leaderboard(table_of(rows_of("b", worse), rows_of("a", AT), slow))
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    found: dict[tuple[float, ...], str] = {}
    for dots in axes.collections:
        places = [tuple(map(float, xy)) for xy in np.asarray(dots.get_offsets())]
        colours = [to_hex(tuple(colour)) for colour in np.asarray(dots.get_facecolor())]
        found |= dict(zip(places, colours * (len(places) // len(colours)), strict=True))
    assert set(found) == {
        *((error, 0.0) for error in AT.values()),
        *((error, 1.0) for error in worse.values()),
        *((error, 2.0) for error in AT.values()),
    }
    assert found[2.0, 2.0] == "#ffffff"
    assert found[2.0, 0.0] != "#ffffff"
    assert [text.get_text() for text in axes.texts] == ["2.5 s", "2.5 s", "1,915 s", "an epoch"]


def test_each_task_has_a_panel_and_says_what_it_is() -> None:
    tgcn = [
        rows_of("a", {f"avg<={5 * int(h)} min": 2.0}, horizon=h, protocol="tgcn", dataset="los-loop")
        for h in ("3", "6")
    ]
    absent = [{"dataset": "pems04", "protocol": "pems", "history": "12", "horizon": "12", "why": "fetch it"}]
    figure = plots.leaderboard(table_of(rows_of("a", AT), *tgcn, absent))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "metr-la, protocol dcrnn: 12 steps in, 12 out",
        "los-loop, protocol tgcn: 12 steps in, 3 and 6 out",
    ]
    assert [axes.get_xlabel() for axes in figure.axes] == ["MAE [mph]", "RMSE [mph]"]


def test_a_long_board_is_a_tall_picture_that_can_be_saved(tmp_path: Path) -> None:
    many = [rows_of(f"model {k}", {lead: error + k / 10 for lead, error in AT.items()}) for k in range(20)]
    figure = plots.leaderboard(table_of(*many))
    assert figure.get_figheight() > plots.leaderboard(table_of(*many[:2])).get_figheight() + 4
    assert plots.save(figure, tmp_path / "board.png").stat().st_size > 10_000


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(DataError, match="expected a model with a figure"):
        plots.leaderboard(table_of())
