"""Units: there and back is the identity, and nothing is converted into something else."""

from dataclasses import replace

import numpy as np
import pytest

from stgraph.errors import DataError, ShapeError
from stgraph.series import converted, factors_of
from stgraph.series.units import UNITS, meaning
from tests.conftest import World

FLOWS = ("veh/h", "veh/min", "veh/5min", "veh/5 min", "vehicles per 15 min", "pcu / 20 s", "Veh/h")


@pytest.mark.parametrize("unit", [*UNITS, *FLOWS])
def test_there_and_back_is_the_identity(unit: str, speed_world: World) -> None:
    known = {name: meaning(name) or ("unknown", 0) for name in (*UNITS, *FLOWS)}
    assert known[unit][0] == (UNITS[unit][0] if unit in UNITS else "flow")
    series = replace(speed_world.series, units=(unit,))
    for other in [name for name, (of, _) in known.items() if of == known[unit][0]]:
        there = converted(series, [other])
        assert there.units == (other,)
        np.testing.assert_allclose(converted(there, [unit]).values, series.values, rtol=1e-6)
        assert np.array_equal(there.observed, series.observed)


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (60, "mph", "km/h", 96.56064),
        (36, "km/h", "m/s", 10),
        (1800, "veh/h", "veh/5min", 150),
        (25, "veh/15min", "veh/min", 5 / 3),
        (20, "veh/5 min", "veh/h", 240),  # as PeMS has it
        (60, "vehicles per hour", "pc/5min", 5),
        (12, "%", "fraction", 0.12),
    ],
)
def test_known_conversions(value: float, unit: str, other: str, expected: float, speed_world: World) -> None:
    series = replace(speed_world.series, units=(unit,), values=np.full_like(speed_world.series.values, value))
    assert converted(series, [other]).values[0, 0, 0] == pytest.approx(expected)


def test_the_same_unit_is_the_same_series_and_unlike_ones_are_refused(world: World) -> None:
    assert converted(world.series, world.series.units) is world.series
    one = converted(world.series, ["mph", "veh/h"])
    assert np.array_equal(one.values[..., 1], world.series.values[..., 1])
    with pytest.raises(DataError, match=r"expected flow in 'km/h' or in a unit of the same, found 'veh/h'; known are"):
        converted(world.series, ["km/h", "km/h"])
    with pytest.raises(DataError, match="expected speed in 'furlong' or in a unit of the same, found 'km/h'"):
        converted(world.series, ["furlong", "veh/h"])
    with pytest.raises(ShapeError, match="expected one for each channel"):
        converted(world.series, ["km/h"])


def test_the_factors_are_those_by_which_values_are_converted(speed_world: World) -> None:
    (factor,) = factors_of(("speed",), ("km/h",), ("mph",))
    there = converted(speed_world.series, ["mph"]).values
    np.testing.assert_allclose(there, factor * speed_world.series.values, rtol=1e-6)
    with pytest.raises(ShapeError, match=r"one for each channel of \('speed', 'flow'\)"):
        factors_of(["speed", "flow"], ["km/h", "veh/h"], ["mph"])
