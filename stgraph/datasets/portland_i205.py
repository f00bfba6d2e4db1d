"""Interstate 205 at Portland, Oregon: lane detectors each 20 seconds, with the incidents that operators noted."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts
from stgraph.datasets.incidents import IncidentLabel
from stgraph.delimited import rows
from stgraph.errors import DataError
from stgraph.graph import from_edges
from stgraph.series import TrafficSeries, read_series

ROADWAY = "I-205"
UNKNOWN = float("nan")

FACTS = DatasetFacts(
    name="portland-i205",
    title="Interstate 205 at Portland, lane detectors with incidents",
    channels=("speed", "flow"),
    units=("mph", "veh/20s"),
    sensors=47,
    steps=30_880,
    interval="20s",
    first="2011-09-15",
    last="2011-11-14",
    timezone="America/Los_Angeles",
    missing=(0,),
    unobserved="0, of speed and of flow",
    adjacency="1 both ways between lanes of one place, which are taken to be those whose ids follow each other; the "
    "order of the places along the road is not known",
    directed=False,
    weighted=False,
    licence="not known: ask PORTAL, http://portal.its.pdx.edu",
    citation="Bertini, Hansen, Byrd, Yin 2005, PORTAL: experience implementing the ITS archived data user service in "
    "Portland, Oregon",
    link="http://portal.its.pdx.edu",
    files=(
        DataFile("series", "portland-i205/speed.csv.gz", also=("portland-i205/speed.csv",), size=1_560_250),
        DataFile("flow", "portland-i205/volume.csv.gz", also=("portland-i205/volume.csv",), size=1_083_679),
        DataFile(
            "incidents", "portland-i205/label.csv.gz", also=("portland-i205/label.csv",), size=24_706, needed=False
        ),
    ),
    by_hand="ask PORTAL for the 20-second speeds and volumes of I-205, September to November 2011, a column a detector",
    notes="spans of hours with gaps between them; 49 incidents, noted by hand: many hardly move the speed. Each is "
    "told once for each detector that it concerns; where on the road and how much capacity was left is not known: NaN",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of two wide tables of the same times and detectors, and marks 0 and 1 of incidents."""
    speed, flow = (
        read_series(files[role], channel=name, unit=unit, missing=facts.missing)
        for role, name, unit in zip(("series", "flow"), facts.channels, facts.units, strict=True)
    )
    if flow.sensors != speed.sensors or not np.array_equal(flow.times, speed.times):
        message = f"{files['flow']}: expected the times and detectors of {files['series']}, found others"
        raise DataError(message)
    series = replace(
        speed,
        values=np.concatenate([speed.values, flow.values], axis=2),
        observed=np.concatenate([speed.observed, flow.observed], axis=2),
        channels=facts.channels,
        units=facts.units,
    )
    graph = from_edges([pair for lanes in places(series.sensors) for pair in permutations(lanes, 2)], series.sensors)
    incidents = _incidents(files["incidents"], series) if "incidents" in files else ()
    return Dataset(facts, series, graph, incidents)


def places(ids: tuple[str, ...]) -> list[list[str]]:
    """Return detectors by place: a new one begins where an id does not follow the one before.

    >>> places(("1353", "1354", "1361", "1732"))
    [['1353', '1354'], ['1361'], ['1732']]
    """
    found: list[list[str]] = []
    for name in ids:
        before = found[-1][-1] if found else ""
        if before.isdecimal() and name == str(int(before) + 1):
            found[-1].append(name)
        else:
            found.append([name])
    return found


def _incidents(path: Path, series: TrafficSeries) -> tuple[IncidentLabel, ...]:
    """Return a label for each run of marks under a detector; rows are those of the series."""
    (_, (_, *ids)), *body = rows(path)
    strange = [name for name in ids if name not in series.sensors]
    wrong = next(((line, cell) for line, (_, *cells) in body for cell in cells if cell not in {"0", "1"}), None)
    if strange or len(body) != len(series) or wrong:
        found = f"{len(body)} rows, {len(strange)} other detectors {strange[:5]}"
        found = f"{wrong[1]!r} in line {wrong[0]}" if wrong else found
        message = f"{path}: expected 0 or 1 in {len(series)} rows, for detectors of the series; found {found}"
        raise DataError(message)
    marks = np.array([cells[1:] for _, cells in body]) == "1"
    edges = np.diff(np.pad(marks.astype(np.int8), ((1, 1), (0, 0))), axis=0).T
    labels = [
        IncidentLabel(series.times[i], series.times[j - 1] + series.interval, ROADWAY, UNKNOWN, name, UNKNOWN)
        for name, edge in zip(ids, edges, strict=True)
        for i, j in zip(np.flatnonzero(edge > 0), np.flatnonzero(edge < 0), strict=True)
    ]
    return tuple(sorted(labels, key=lambda label: (label.start, label.sensor)))


SOURCE = Source(FACTS, read)
