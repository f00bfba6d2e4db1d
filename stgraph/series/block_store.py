"""A series that is made block by block into a store, in the memory of a block."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.files import written_folder
from stgraph.series.store import KINDS, open_series, seal
from stgraph.series.times import Times
from stgraph.series.traffic_series import TrafficSeries
from stgraph.shapes import check_shape

Block = tuple[NDArray[np.float32], NDArray[np.bool_]]


def write_blocks(
    blocks: Iterable[Block],
    folder: str | Path,
    times: Times,
    sensors: tuple[str, ...],
    *,
    channels: tuple[str, ...],
    units: tuple[str, ...],
) -> TrafficSeries:
    """Write a series that comes in blocks of steps to a folder that is not there yet, whole or not at all.

    Args:
        blocks: values (S, N, C) and observed (S, N, C) of the next S steps, until all T have come.
        folder: of the store to make.
        times: (T,) datetime64, rising.
        sensors: N unique ids.
        channels: C names.
        units: C units.

    Returns:
        The series, opened from its store.

    Raises:
        ShapeError: a block that does not fit the sensors and channels.
        DataError: more or fewer than T steps, a value that is observed but not finite, or a folder that is there
            already or cannot be written.
    """
    shape = len(times), len(sensors), len(channels)
    with written_folder(folder) as temporary:
        paths = [temporary / f"{name}.npy" for name in ("values", "observed")]
        with paths[0].open("wb") as values, paths[1].open("wb") as observed:
            for file in (values, observed):
                kind = KINDS[Path(file.name).stem]
                header = {"descr": kind, "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
            written = sum(_append(block, values, observed, shape[1:]) for block in blocks)
        if written != len(times):
            message = f"blocks: expected {len(times)} steps in all, as there are times, found {written}"
            raise DataError(message)
        held = [np.load(path, mmap_mode="r") for path in paths]
        series = TrafficSeries(held[0], held[1], times, sensors, channels, units, checked=True)
        seal(temporary, series, ())
    return open_series(folder)


def _append(block: Block, values: IO[bytes], observed: IO[bytes], shape: tuple[int, int]) -> int:
    """Write a block behind those before it; return how many steps it has."""
    sensors, channels = shape
    seen = check_shape(block[0], "S N C", name="values", N=sensors, C=channels)
    check_shape(block[1], "S N C", name="observed", **seen)
    if (block[1] & ~np.isfinite(block[0])).any():
        message = "blocks: expected finite numbers where observed, found others"
        raise DataError(message)
    values.write(np.ascontiguousarray(block[0], dtype=KINDS["values"]).data)
    observed.write(np.ascontiguousarray(block[1], dtype=KINDS["observed"]).data)
    return seen["S"]
