"""A law: a long file that is streamed into a store is the series that reading it in memory gives, or is refused too."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import TrafficSeries, blocks, read_series, rows, spool, store_files

HOURS = pd.date_range("2018-10-27 22:30", periods=10, freq="30min", tz="UTC").tz_convert("Europe/Amsterdam")
CLOCKS = {
    "local": [f"{time:%Y-%m-%d %H:%M}" for time in HOURS],  # 02:00 and 02:30 come twice
    "offset": [time.isoformat() for time in HOURS],
    "day first": [f"{time:%d.%m.%Y %H:%M}" for time in HOURS],
}
HEADERS = {
    ("time", "sensor", "speed", "flow"): {},
    ("Zeitstempel", "Spur", "Messstelle", "Geschwindigkeit [km/h]", "Menge"): {},
    ("at", "who", "v", "q [veh/h]"): {"time": "at", "sensor": "who", "speed": "v", "flow": "q [veh/h]"},
    ("sensor", "channel", "value", "unit", "timestamp"): {},
    ("datum", "station", "kind", "number"): {"channel": "kind", "value": "number"},
}
NUMBERS = ["60", "61.5", "61.50", "0", "", "NA", "7 "]


@dataclass(frozen=True)
class Case:
    """A file, and how it is read."""

    header: tuple[str, ...] = ("time", "sensor", "speed", "flow")
    clock: str = "local"
    cells: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    order: str = "by time"
    again: int = 0
    comma: bool = False
    how: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        ordered = {"by time": sorted(self.cells), "by sensor": sorted(self.cells, key=lambda c: (c[1], c))}
        chosen = ordered.get(self.order, self.cells)
        chosen = [*chosen, *chosen[: self.again]]
        return "\n".join([";".join(self.header), *(";".join(self.row(*cells)) for cells in chosen)]) + "\n"

    def row(self, time: int, sensor: str, first: str, second: str, channel: str) -> list[str]:
        unit = {"speed": "km/h", "flow": "veh/h"}[channel]
        if self.comma:
            first, second = first.replace(".", ","), second.replace(".", ",")
        known = {"channel": channel, "kind": channel, "unit": unit, "Spur": "1", "sensor": sensor, "who": sensor}
        known |= {"station": sensor, "Messstelle": sensor, "flow": second, "Menge": second, "q [veh/h]": second}
        known |= dict.fromkeys(("time", "Zeitstempel", "at", "timestamp", "datum"), CLOCKS[self.clock][time])
        return [known.get(name, first) for name in self.header]


ROW = st.tuples(
    st.integers(0, len(HOURS) - 1),
    st.sampled_from(["7", "10", "A"]),
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMBERS),
    st.sampled_from(["speed", "flow"]),
)
HOW = st.fixed_dictionaries(
    {"interval": st.just("30min")},
    optional={
        "duplicates": st.sampled_from(["first", "last", "mean"]),
        "timezone": st.sampled_from(["Europe/Amsterdam", "UTC"]),
        "missing": st.just([0.0]),
        "channel": st.sampled_from(["speed", ["flow", "speed"]]),
        "unit": st.just(["mph"]),
    },
)
CASES = st.builds(
    Case,
    header=st.sampled_from(list(HEADERS)),
    clock=st.sampled_from(list(CLOCKS)),
    cells=st.lists(ROW, min_size=1, max_size=12) | st.lists(ROW, min_size=1, max_size=30, unique_by=lambda c: c[:2]),
    order=st.sampled_from(["by time", "by sensor", "as it comes"]),
    again=st.sampled_from([0, 0, 1, 3]),
    comma=st.booleans(),
    how=HOW,
)
NIGHT = [(k, name, f"{60 + k}", "", "speed") for k in range(len(HOURS)) for name in ("7", "10")]
OTHERS = [(0, "7", number, "", "speed") for number in ("60", "61.5", "0", "7")]
LOCAL = {"timezone": "Europe/Amsterdam"}
THOUSANDS = [(0, "7", "1.234", "", "speed"), (1, "7", "61,5", "", "speed")]


def outcome(read: Any, *given: Any, **how: Any) -> tuple[TrafficSeries | None, str]:
    """The series, or why there is none: word for word the same, but for names of columns, which many files may have."""
    try:
        return read(*given, **how), ""
    except DataError as error:
        return None, re.sub(r",? (in )?column '[^']*'", "", str(error))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(case=CASES, at_once=st.integers(1, 40), spooled=st.integers(1, 40), cells=st.integers(1, 60))
@example(case=Case(cells=NIGHT, how=LOCAL), at_once=3, spooled=2, cells=5)
@example(case=Case(cells=NIGHT, order="by sensor", how=LOCAL), at_once=7, spooled=5, cells=5)
@example(case=Case(cells=NIGHT, clock="offset", again=9, how=LOCAL), at_once=3, spooled=9, cells=9)
@example(case=Case(cells=[*THOUSANDS, (2, "7", "1.234,5", "", "speed")]), at_once=1, spooled=1, cells=1)
@example(case=Case(cells=[*THOUSANDS, (2, "7", "1.5", "", "speed")]), at_once=2, spooled=1, cells=1)
@example(case=Case(cells=OTHERS, how={"duplicates": "mean", "interval": "1h"}), at_once=3, spooled=2, cells=1)
def test_what_is_streamed_is_what_is_read(
    case: Case, at_once: int, spooled: int, cells: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("alike")
    path = folder / "long.csv"
    path.write_text(case.text())
    how = {**case.how, "columns": HEADERS[case.header]}
    read, refused = outcome(read_series, path, **how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "AT_ONCE", at_once)
        patch.setattr(spool, "AT_ONCE", spooled)
        patch.setattr(blocks, "CELLS", cells)
        stored, why = outcome(store_files, path, folder / "store", **how)
    assert why == refused
    if read is not None and stored is not None:
        assert isinstance(stored.values, np.memmap)
        assert stored.digest() == read.digest()
        assert stored.notes == read.notes
