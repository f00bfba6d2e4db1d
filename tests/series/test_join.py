"""Rows in any order, to one place each; in blocks of any size."""

import io
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import blocks, spool
from stgraph.series.bar import Bar
from stgraph.series.fill import fill
from stgraph.series.join import axes_of, joined, series_of, spooled
from stgraph.series.rows import Rows

TIMES = pd.date_range("2012-03-01", periods=20, freq="5min")
CELLS = list(product(range(20), range(3)))


def rows_of(cells: list[tuple[int, int]], source: str = "a.csv, line") -> Rows:
    """Rows whose values say where they belong; every seventh is a hole."""
    t, n = np.array(cells).T
    values = np.stack([100 * t + n, 0.5 + 100 * t + n], axis=1).astype(np.float32)
    values[(t + n) % 7 == 0, 0] = np.nan
    return Rows(
        times=pd.Categorical(TIMES[t]),
        sensors=pd.Categorical([f"{9 + k}" for k in n]),
        values=values,
        columns=("speed", "flow"),
        lines=np.arange(len(cells)) + 2,
        source=source,
    )


@settings(deadline=None, max_examples=40)
@given(st.permutations(CELLS), st.integers(0, 15), st.integers(1, 200), st.integers(1, 30))
def test_each_row_has_its_place_whatever_the_order(
    order: list[tuple[int, int]], dropped: int, cells: int, at_once: int
) -> None:
    kept = order[dropped:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "CELLS", cells)
        patch.setattr(spool, "AT_ONCE", at_once)
        series = joined([rows_of(kept[:5]), rows_of(kept[5:])], interval="5min", timezone=None, files=1, progress=False)
    times = sorted({t for t, _ in kept})
    assert series.times.tolist() == TIMES[times].to_numpy("M8[ns]").tolist()
    assert series.sensors == ("9", "10", "11")
    for (k, t), n in product(enumerate(times), range(3)):
        there = (t, n) in kept
        assert series.observed[k, n].tolist() == [there and (t + n) % 7 != 0, there]
        if there:
            assert series.values[k, n, 1] == np.float32(0.5 + 100 * t + n)


def test_rows_that_name_their_channels_come_to_the_same() -> None:
    whole = rows_of(CELLS)
    pieces = [
        Rows(
            times=whole.times,
            sensors=whole.sensors,
            values=whole.values[:, [c]],
            columns=(),
            lines=whole.lines,
            source="a",
            channels=pd.Categorical([name] * len(CELLS)),
            units=frozenset({(name, unit)}),
        )
        for c, (name, unit) in enumerate([("speed", "mph"), ("flow", "veh/h")])
    ]
    joint = spooled(pieces, io.BytesIO())
    with Bar(1, shown=False) as bar:
        axes = axes_of(joint)
        assert (axes.channels, axes.units) == (("flow", "speed"), ("veh/h", "mph"))
        axes = axes_of(joint, channels=["speed", "flow"], units=["", ""])
        values, observed = np.zeros(axes.shape, np.float32), np.zeros(axes.shape, bool)
        fill(joint, axes, {"values": values, "observed": observed}.__getitem__, bar, None)
    expected = joined([whole], interval="5min", timezone=None, files=1, progress=False)
    assert series_of(axes, values, observed).digest() == expected.digest()
    assert [places.tolist() for places in axes_of(joint, channels=["flow"]).places[2:]] == [[-1, 0]]
    with pytest.raises(DataError, match=r"expected the channels \['occupancy'\], found \['speed', 'flow'\]"):
        axes_of(joint, channels=["occupancy"])


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([], "expected at least one row, found none"),
        ([rows_of([(0, 0), (1, 0)])], r"line 3: expected whole multiples of 0 days 00:10:00"),
    ],
)
def test_no_rows_and_irregular_times_are_refused(pieces: list[Rows], words: str) -> None:
    with pytest.raises(DataError, match=words):
        joined(pieces, interval="10min", timezone=None, files=1, progress=False)
    with pytest.raises(DataError, match=r"a unit for each channel of \('speed', 'flow'\), found \('mph',\)"):
        axes_of(spooled([rows_of(CELLS)], io.BytesIO()), units=["mph"])
