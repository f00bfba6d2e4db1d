import numpy as np
import pytest

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.quantities import hours_of, kind_of, quantities
from stgraph.errors import DataError, ShapeError
from tests.anomaly.faults import series_of

ONE = np.ones((4, 2, 1))


def highest(channel: str, unit: str, minutes: int = 5) -> float:
    series = series_of(ONE, channels=(channel,), units=(unit,), minutes=minutes)
    return float(quantities(series, HealthSettings())[0].highest[0])


@pytest.mark.parametrize(
    ("unit", "limit"), [("km/h", 200), ("mph", 200 / 1.609344), ("m/s", 200 / 3.6), ("", 200), ("furlongs", 200)]
)
def test_the_fastest_speed_is_the_same_in_every_unit(unit: str, limit: float) -> None:
    assert highest("speed", unit) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("unit", "limit"),
    [("veh/h", 24_000), ("veh/5 min", 2_000), ("veh/20s", 24_000 / 180), ("vehicles per hour", 24_000), ("", 24_000)],
)
def test_eight_lanes_carry_so_much_in_every_unit(unit: str, limit: float) -> None:
    assert highest("flow", unit) == pytest.approx(limit)
    assert highest("volume", "veh", minutes=15) == pytest.approx(6_000)


def test_lanes_are_used_where_they_are_known() -> None:
    series = series_of(np.ones((4, 3, 2)))
    _, flow = quantities(series, HealthSettings(), lanes=[2, np.nan, 4])
    assert flow.highest.tolist() == [6_000, 24_000, 12_000]
    with pytest.raises(ShapeError, match="lanes"):
        quantities(series, HealthSettings(), lanes=[2, 3])
    for wrong in (0, -1, np.inf):
        with pytest.raises(DataError, match=f"lanes: expected a positive number, found {wrong} for sensor s1"):
            quantities(series, HealthSettings(), lanes=[2, wrong, 4])


@pytest.mark.parametrize(("unit", "limit"), [("%", 100), ("percent", 100), ("fraction", 1)])
def test_the_unit_says_what_a_whole_occupancy_is(unit: str, limit: float) -> None:
    assert highest("occupancy", unit) == limit


def test_without_a_unit_the_values_say_it() -> None:
    values = np.random.default_rng(0).uniform(0, 0.9, (1000, 2, 1))
    settings = HealthSettings()
    broken = values.copy()
    broken[5, 0] = 50
    for occupancy, limit in ((values, 1), (broken, 1), (100 * values, 100)):
        series = series_of(occupancy, channels=("occupancy",), units=("",))
        assert quantities(series, settings)[0].highest.tolist() == [limit, limit]


def test_other_channels_may_have_any_value() -> None:
    (other,) = quantities(series_of(ONE, channels=("travel time",), units=("s",)), HealthSettings())
    assert (other.kind, other.lowest, other.highest[0]) == ("other", -np.inf, np.inf)


def test_kinds_and_hours() -> None:
    assert [kind_of(name) for name in ("speed_85", "vehicle count", "Occ")] == ["speed", "flow", "occupancy"]
    assert hours_of("veh/d", np.timedelta64(5, "m")) == 24
    assert hours_of("veh/15min", np.timedelta64(5, "m")) == 0.25
