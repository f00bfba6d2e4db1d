"""The profile: the same sums as a slow twin, holes without influence, and what moves with its sensors."""

from dataclasses import replace

import numpy as np
import pytest

from stgraph.errors import ShapeError
from stgraph.series import Profile, Scaler, slots_of
from tests.conftest import World

SCALER = Scaler((60.0, 1000.0), (10.0, 200.0))
RANGES = ((0, 100), (130, 400))


def test_it_adds_up_what_a_loop_over_all_values_adds_up(world: World) -> None:
    series, sums = world.series, np.zeros((2, 48, len(world.graph), 3))
    for begin, end in RANGES:
        for t in range(begin, end):
            time = series.local_times[t]
            kind, slot = int(time.dayofweek >= 5), 2 * time.hour + time.minute // 30
            for n in np.flatnonzero(series.observed[t, :, 1]):
                score = (series.values[t, n, 1] - 1000) / 200
                sums[kind, slot, n] += [1, score, score**2]
    found = Profile.of(series, SCALER, RANGES, (1,))
    np.testing.assert_allclose(found.sums, sums, atol=1e-4)
    np.testing.assert_array_equal(found.counted, sums[..., 0].sum((0, 1)))


def test_channels_stand_side_by_side(world: World) -> None:
    both, first = (Profile.of(world.series, SCALER, RANGES, of) for of in ((1, 0), (1,)))
    np.testing.assert_array_equal(both.sums[..., ::2], first.sums)


def test_what_was_not_observed_and_what_lies_outside_has_no_influence(world: World) -> None:
    series = world.series
    outside = np.ones(len(series), dtype=bool)
    for begin, end in RANGES:
        outside[begin:end] = False
    spoilt = np.where(series.observed & ~outside[:, None, None], series.values, np.float32(1e9))
    found, expected = (Profile.of(one, SCALER, RANGES, (0, 1)) for one in (replace(series, values=spoilt), series))
    np.testing.assert_array_equal(found.sums, expected.sums)


def test_a_holiday_is_no_working_day() -> None:
    monday, sunday, holiday = [3, 0, 0], [3, 6, 0], [3, 0, 1]
    np.testing.assert_array_equal(slots_of(np.array([monday, sunday, holiday]), 24), [3, 27, 27])


def test_other_sensors_take_theirs_along_and_of_a_new_one_nothing_is_known(world: World) -> None:
    profile = Profile.of(world.series, SCALER, RANGES)
    taken = profile.take([4, None, 0])
    np.testing.assert_array_equal(taken.sums[:, :, [0, 2]], profile.sums[:, :, [4, 0]])
    assert not taken.sums[:, :, 1].any()
    assert len(taken) == 3


def test_a_sensor_that_was_never_observed_is_taken_for_the_mean_of_the_others(world: World) -> None:
    profile = Profile.of(world.series, SCALER, RANGES)
    never = np.flatnonzero(profile.counted == 0)
    assert never.tolist() == [3]
    others = np.delete(np.arange(len(profile)), never)
    filled = profile.filled()
    np.testing.assert_array_equal(filled.sums[:, :, others], profile.sums[:, :, others])
    np.testing.assert_allclose(filled.sums[:, :, 3], profile.sums[:, :, others].mean(2), atol=1e-5)
    assert filled.filled() is filled
    few = profile.take([3, 0, None]).filled()
    np.testing.assert_array_equal(few.sums, filled.sums[:, :, [3, 0, 3]])


def test_of_two_the_one_that_rests_on_more_counts(world: World) -> None:
    long, short = (Profile.of(world.series, SCALER, ((0, end),)) for end in (400, 90))
    mixed = long.take([0, None, 2]).or_else(short.take([0, 1, 2]))
    np.testing.assert_array_equal(mixed.sums[:, :, 1], short.sums[:, :, 1])
    np.testing.assert_array_equal(mixed.sums[:, :, [0, 2]], long.sums[:, :, [0, 2]])


def test_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match="profile: expected number, sum and squares of each channel, found 4 columns"):
        Profile(np.zeros((2, 24, 5, 4), np.float32), np.zeros((2, 24, 4), np.float32))
    with pytest.raises(ShapeError, match="profile"):
        Profile(np.zeros((3, 24, 5, 3), np.float32), np.zeros((3, 24, 3), np.float32))
