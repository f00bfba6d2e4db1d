"""The newest observations, however they come: what is missing is unobserved, and everything amiss is said."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting import Forecaster
from stgraph.forecasting.newest import in_form_of, on_sensors_of
from stgraph.series import TrafficSeries
from tests import contracts
from tests.conftest import World, road, traffic

WORLD = World(road(), traffic(road()))


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return contracts.forecaster_of("patchnet", world)


def hidden(series: TrafficSeries, where: Any) -> TrafficSeries:
    """The series with junk under a mask where nothing is observed any more."""
    observed, values = series.observed.copy(), series.values.copy()
    observed[where], values[where] = False, 1e9
    return replace(series, observed=observed, values=values)


def without(series: TrafficSeries, *names: str) -> TrafficSeries:
    return series.select(sensors=tuple(name for name in series.sensors if name not in names))


def renamed(series: TrafficSeries, **names: str) -> TrafficSeries:
    return replace(series, sensors=tuple(names.get(name, name) for name in series.sensors))


def test_a_sensor_that_is_missing_is_one_that_was_not_observed(forecaster: Forecaster, world: World) -> None:
    fewer = forecaster.forecast(without(world.series, "s05", "s02"))
    silent = forecaster.forecast(hidden(world.series, np.s_[:, [2, 5]]))
    np.testing.assert_array_equal(fewer.values, silent.values)
    assert fewer.sensors == world.series.sensors
    assert fewer.notes == (
        "2 of 17 sensors missing, taken as unobserved: 's02', 's05'",
        "1 sensor has no value in the last 6 steps up to 2024-01-13 11:30:00: 's03' (none known)",
    )
    assert repr(fewer).endswith(", 2 notes)")


def test_an_unknown_sensor_is_left_out(forecaster: Forecaster, world: World) -> None:
    plain = forecaster.forecast(without(world.series, "s03"))
    other = forecaster.forecast(renamed(world.series, s03="new"))
    np.testing.assert_array_equal(other.values, plain.values)
    assert other.notes == (*plain.notes, "1 unknown sensor ignored: 'new'")


@settings(max_examples=20)
@given(st.permutations(range(17)), st.sets(st.integers(0, 16), max_size=12), st.sets(st.integers(0, 16), max_size=3))
def test_the_order_of_the_sensors_changes_nothing(order: list[int], gone: set[int], unknown: set[int]) -> None:
    kept = [n for n in order if n not in gone]
    names = {f"s{n:02d}": f"x{n}" for n in unknown}
    turned, straight = (
        renamed(WORLD.series.select(sensors=tuple(f"s{n:02d}" for n in some)), **names) for some in (kept, sorted(kept))
    )
    one, other = (on_sensors_of(series, WORLD.series, 6) for series in (turned, straight))
    assert one[0].digest() == other[0].digest()
    assert one[1] == other[1]
    seen = np.isin(np.arange(17), sorted(set(kept) - unknown))
    assert not one[0].observed[:, ~seen].any()
    assert np.array_equal(one[0].observed[:, seen], WORLD.series.observed[:, seen])


def test_a_late_sensor_is_unobserved_at_the_end_and_named_once_it_is_older_than_the_history(
    forecaster: Forecaster, world: World
) -> None:
    whole = without(world.series, "s03")
    late = forecaster.forecast(hidden(whole, np.s_[-5:, 0]))  # row 594 is in the history of 6
    assert [note.split(":")[0] for note in late.notes] == ["1 of 17 sensors missing, taken as unobserved"]
    observed = whole.observed.copy()
    observed[589, [0, 7]] = True
    gone = hidden(replace(whole, observed=observed), np.s_[590:, [0, 7]])
    (note,) = forecaster.forecast(gone).notes[1:]
    assert note.startswith("2 sensors have no value in the last 6 steps up to 2024-01-13 11:30:00: 's00' (newest of ")
    assert note.endswith(", 's08' (newest of 2024-01-13 06:30:00)")


def test_only_the_history_is_needed_and_what_precedes_it_has_no_influence(forecaster: Forecaster, world: World) -> None:
    whole = forecaster.forecast(world.series)
    np.testing.assert_array_equal(forecaster.forecast(world.series.slice(-6)).values, whole.values)
    np.testing.assert_array_equal(forecaster.forecast(hidden(world.series, np.s_[:594])).values, whole.values)


def test_a_single_step_is_enough(forecaster: Forecaster, world: World) -> None:
    assert np.isfinite(forecaster.forecast(world.series.slice(-1)).values).all()


def test_covariates_of_a_missing_sensor_are_the_mean_of_the_others(world: World) -> None:
    rain = np.arange(600 * 17, dtype=np.float32).reshape(600, 17, 1)
    like = replace(world.series, covariates=rain)
    found, _ = on_sensors_of(without(like, "s16", "s00"), like, 6)
    assert found.covariates is not None
    assert np.array_equal(found.covariates[:, 1:16], rain[:, 1:16])
    np.testing.assert_allclose(found.covariates[:, [0, 16]], np.repeat(rain[:, 1:16].mean(1, keepdims=True), 2, 1))


def test_nothing_of_the_network_and_nothing_observed_are_errors(forecaster: Forecaster, world: World) -> None:
    foreign = replace(world.series, sensors=tuple(f"x{n}" for n in range(17)))
    words = r"such as 's00', 's01', 's02', found none of them among 17: 'x0', 'x1', 'x2'"
    with pytest.raises(MismatchError, match=words):
        forecaster.forecast(foreign)
    with pytest.raises(DataError, match="nothing was observed in the last 6 steps up to 2024-01-13 11:30:00"):
        forecaster.forecast(hidden(world.series, np.s_[-6:]))
    with pytest.raises(DataError, match="nothing was observed"):
        forecaster.filled(without(world.series, *world.series.sensors[:3], *world.series.sensors[4:]))


def test_many_names_are_cut(world: World) -> None:
    _, (missing, *_) = on_sensors_of(world.series.select(sensors=("s00",)), world.series, 6)
    assert missing.startswith("16 of 17 sensors missing")
    assert missing.endswith("'s10' and 6 more")
    _, (silent,) = on_sensors_of(hidden(world.series, np.s_[-6:, 1:]), world.series, 6)
    assert silent.startswith("16 sensors have no value in the last 6 steps")
    assert silent.endswith("'s10' (newest of 2024-01-13 08:30:00) and 6 more")


def test_the_form_must_be_that_of_the_fit_and_the_holidays_become_so(world: World) -> None:
    with pytest.raises(MismatchError, match="units: the model was fitted on"):
        in_form_of(replace(world.series, units=("mph", "veh/h")), world.series)
    assert in_form_of(world.series, replace(world.series, country="NL")).country == "NL"
