"""The gather against plain indexing; holes hidden in one place; memory shared, not copied."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.patches import Cut, Resident, Window, gather, patch_around, whole
from stgraph.series import Profile, Ranges, Split, TrafficSeries, calendar_of, open_series, write_store
from tests.conftest import World
from tests.patches.test_loading import SCALER, loader
from tests.series.test_mapped import resident_of


def test_a_batch_holds_what_plain_indexing_finds(world: World) -> None:
    series = world.series
    batch = next(iter(loader(world, [whole(len(world.graph))], Window(4, 2), batch_size=8)))
    calendar = calendar_of(series.local_times, series.interval)
    for b in range(8):
        seen = series.observed[b : b + 4]
        scaled = np.where(seen, SCALER.scale(series.values[b : b + 4]), 0)
        np.testing.assert_allclose(batch.signal[b].numpy(), scaled, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(batch.observed[b].numpy(), seen)
        np.testing.assert_array_equal(batch.calendar[b, :, 0].numpy(), calendar[b : b + 6])
        assert batch.target is not None
        assert batch.target_observed is not None
        future = np.where(series.observed[b + 4 : b + 6, :, 1:], series.values[b + 4 : b + 6, :, 1:], 0)
        np.testing.assert_array_equal(batch.target[b].numpy(), future)
        np.testing.assert_array_equal(batch.target_observed[b].numpy(), series.observed[b + 4 : b + 6, :, 1:])


def test_covariates_of_the_future_are_the_last_ones_known(world: World) -> None:
    batch = next(iter(loader(world, [whole(len(world.graph))], Window(4, 3), batch_size=1)))
    assert batch.covariates is not None
    assert world.series.covariates is not None
    rain = world.series.covariates[:, 0, 0]
    assert batch.covariates[0, :, 0, 0].tolist() == [*rain[:4].tolist(), *[rain[3]] * 3]


def test_blocks_keep_to_their_own_windows_and_weights(world: World) -> None:
    patches = [patch_around(world.graph, [4], 1), patch_around(world.graph, [11], 1)]
    resident = Resident.of(world.series, SCALER, targets=(0,))
    placed = Window(3, 1).place([(0, 60)]).take(np.array([[0, 30], [5, 41]]))
    batch = gather(resident, placed, Cut.of((), patches))
    for column, patch in enumerate(patches):
        part = batch.block == column
        for b, start in enumerate(((0, 5), (30, 41))[column]):
            wanted = world.series.values[start : start + 3][:, patch.sensors, 0] * 1.0
            seen = batch.observed[b][:, part, 0].numpy()
            got = batch.signal[b][:, part, 0].numpy() * SCALER.deviation[0] + SCALER.mean[0]
            np.testing.assert_allclose(got[seen], wanted[seen], rtol=1e-5)
    assert batch.calendar.shape[2] == len(batch.sensors)


def test_a_value_under_the_mask_never_gets_in(world: World) -> None:
    spoiled = world.series.values.copy()
    spoiled[~world.series.observed] = np.nan
    bad = World(world.graph, replace(world.series, values=spoiled))
    for clean, other in zip(*(loader(w, [whole(17)], Window(4, 2)) for w in (world, bad)), strict=True):
        assert torch.equal(clean.signal, other.signal)
        assert clean.target is not None
        assert other.target is not None
        assert torch.equal(clean.target, other.target)


def test_what_sticks_out_is_zero_and_unobserved(world: World) -> None:
    batch = next(iter(loader(world, [whole(len(world.graph))], Window(4, 2, edges="zero"), batch_size=1)))
    assert not batch.observed[0].any()  # the first horizon begins at step 0: its history lies before the data
    assert not batch.signal[0].any()
    assert batch.target_observed is not None
    assert batch.target_observed[0].any()


def test_the_series_is_shared_not_copied(world: World) -> None:
    resident = Resident.of(world.series, SCALER)
    assert resident.values.data_ptr() == world.series.values.ctypes.data
    assert resident.observed.data_ptr() == world.series.observed.ctypes.data


def test_without_a_future_there_is_no_target(world: World) -> None:
    batch = next(iter(loader(world, [whole(len(world.graph))], Window(4, 2), with_target=False)))
    assert batch.target is None
    assert batch.target_observed is None


def test_read_only_memory_is_shared_too(world: World) -> None:
    values = world.series.values.copy()
    values.flags.writeable = False
    series: TrafficSeries = replace(world.series, values=values)
    assert Resident.of(series, SCALER).values.data_ptr() == values.ctypes.data


def test_a_memory_map_is_gathered_from_where_it_is(world: World, tmp_path: Path) -> None:
    opened = open_series(write_store(world.series, tmp_path / "store"))
    resident = Resident.of(opened, SCALER)
    assert resident.values.data_ptr() == opened.values.ctypes.data
    assert resident.observed.data_ptr() == opened.observed.ctypes.data
    patches = [whole(len(world.graph))]
    mapped = next(iter(loader(World(world.graph, opened), patches, Window(4, 2), batch_size=8)))
    plain = next(iter(loader(world, patches, Window(4, 2), batch_size=8)))
    assert torch.equal(mapped.signal, plain.signal)
    assert mapped.target is not None
    assert plain.target is not None
    assert torch.equal(mapped.target, plain.target)


EVER = np.delete(np.arange(17), 3)


def usual(world: World, ranges: Ranges, *, leave_out: bool) -> Tensor:
    """What a profile of some stretches says at steps 60 to 66 of the sensors that were ever observed, (6, N - 1, 3)."""
    profile = Profile.of(world.series, SCALER, ranges)
    resident = Resident.of(world.series, SCALER, profile=profile, leave_out=ranges if leave_out else ())
    placed = Window(4, 2).place([(60, 66)]).take(np.zeros((1, 1), np.int64))
    batch = gather(resident, placed, Cut.of((), [whole(len(world.graph))]))
    assert batch.profile is not None
    return batch.profile[0, :, EVER]


def test_the_profile_tells_mean_deviation_and_how_much_they_rest_on(world: World) -> None:
    """By hand: it rests on Monday alone, so at a time of Tuesday it is what was observed a day before."""
    found, series = usual(world, ((0, 48),), leave_out=False), world.series
    scores = (series.values[12:18, EVER, 0] - SCALER.mean[0]) / SCALER.deviation[0]
    seen = series.observed[12:18, EVER, 0]
    assert 0 < seen.mean() < 1
    np.testing.assert_allclose(found[..., 0], np.where(seen, scores, 0), atol=1e-5)
    np.testing.assert_array_equal(found[..., 1], 0)
    np.testing.assert_array_equal(found[..., 2], np.where(seen, 0.5, 0))


def test_a_window_is_not_shown_its_own_values_in_the_profile(world: World) -> None:
    without = usual(world, ((0, 60), (66, 300)), leave_out=False)
    torch.testing.assert_close(usual(world, ((0, 300),), leave_out=True), without, atol=2e-3, rtol=0)
    assert (usual(world, ((0, 300),), leave_out=False) - without).abs().max() > 0.1


def test_steps_that_the_profile_does_not_rest_on_are_not_left_out(world: World) -> None:
    without = usual(world, ((0, 60),), leave_out=False)
    torch.testing.assert_close(usual(world, ((0, 62),), leave_out=True), without, atol=2e-3, rtol=0)


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux says what of a file is in memory")
def test_of_a_store_nothing_stays_in_memory_after_a_batch(world: World, tmp_path: Path) -> None:
    store = write_store(world.series, tmp_path / "store")
    series = open_series(store)
    placed, cut = Window(4, 2), Cut.of((), [whole(len(world.graph))])
    every = placed.place_part(series, Split(), "train").take(np.arange(8)[:, None])
    mapped, plain = (Resident.of(one, SCALER, targets=(0,)) for one in (series, world.series))
    assert (len(mapped.mapped), len(plain.mapped)) == (3, 0)
    batch = gather(mapped, every, cut)
    assert resident_of(store / "values.npy") == resident_of(store / "observed.npy") == 0
    assert torch.equal(gather(mapped, every, cut).signal, batch.signal)
    assert torch.equal(gather(plain, every, cut).signal, batch.signal)


def test_its_pieces_are_all_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = Resident.of(world.series, SCALER, targets=(0,))
    whole_ones = [np.ascontiguousarray(piece).tobytes() for piece in resident.pieces()]
    monkeypatch.setitem(Resident.pieces.__globals__, "PIECE", 1000)
    pieces = [np.ascontiguousarray(piece).tobytes() for piece in resident.pieces()]
    assert len(pieces) > 5 * len(whole_ones)
    assert b"".join(pieces) == b"".join(whole_ones)
    assert len(whole_ones[0]) == world.series.values.nbytes
