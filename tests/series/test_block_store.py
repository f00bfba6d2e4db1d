"""A store written in blocks is the one that `write_store` makes of the whole, or is not there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgraph.errors import DataError, ShapeError
from stgraph.series import TrafficSeries, write_blocks, write_store
from stgraph.series.block_store import Block
from stgraph.series.store import store_sha256
from tests.conftest import World


def facts(series: TrafficSeries) -> dict[str, Any]:
    return {name: getattr(series, name) for name in ("times", "sensors", "channels", "units")}


def cut(series: TrafficSeries, size: int) -> Iterator[Block]:
    for first in range(0, len(series), size):
        yield series.values[first : first + size], series.observed[first : first + size]


@pytest.mark.parametrize("size", [1, 7, 600, 10_000])
def test_blocks_of_any_size_make_the_store_of_the_whole(speed_world: World, size: int, tmp_path: Path) -> None:
    series = speed_world.series
    stored = write_blocks(cut(series, size), tmp_path / "blocks", **facts(series))
    assert stored.digest() == series.digest()
    assert isinstance(stored.values, np.memmap)
    write_store(series, tmp_path / "whole")
    assert store_sha256(tmp_path / "blocks") == store_sha256(tmp_path / "whole")
    for name in ("values.npy", "observed.npy", "times.npy"):
        assert (tmp_path / "blocks" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_blocks_may_lie_in_memory_in_any_order(speed_world: World, tmp_path: Path) -> None:
    series = speed_world.series
    block = np.asfortranarray(series.values).astype(">f4"), np.asfortranarray(series.observed)
    assert write_blocks([block], tmp_path / "store", **facts(series)).digest() == series.digest()


def test_what_does_not_fit_is_refused_and_leaves_nothing(speed_world: World, tmp_path: Path) -> None:
    series = speed_world.series
    values, observed = series.values, series.observed
    hollow = np.where(observed, np.float32(np.nan), values)
    many = f"blocks: expected {len(series)} steps in all, as there are times, found"
    for blocks, error, message in (
        ([(values[:5], observed[:5])], DataError, f"{many} 5"),
        ([(values, observed), (values[:1], observed[:1])], DataError, f"{many} {len(series) + 1}"),
        ([(values[:, 1:], observed[:, 1:])], ShapeError, r"values: expected shape \(S, N \[N=17\], C \[C=1\]\)"),
        ([(values, observed[1:])], ShapeError, "observed: expected shape"),
        ([(hollow, observed)], DataError, "blocks: expected finite numbers where observed"),
    ):
        with pytest.raises(error, match=message):
            write_blocks(blocks, tmp_path / "store", **facts(series))
        assert list(tmp_path.iterdir()) == []


def test_a_generator_that_fails_leaves_nothing(speed_world: World, tmp_path: Path) -> None:
    def failing() -> Iterator[Block]:
        yield from cut(speed_world.series.slice(0, 10), 5)
        message = "no more"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="no more"):
        write_blocks(failing(), tmp_path / "store", **facts(speed_world.series))
    assert list(tmp_path.iterdir()) == []
