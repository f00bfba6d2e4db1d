"""Where a benchmark's series and graph come from: a known dataset, or two files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stgraph.datasets import data_folder, find_dataset, locate
from stgraph.errors import DataError
from stgraph.forecasting import Inputs, read_dataset, read_inputs


@dataclass(frozen=True)
class TrafficSource:
    """Where a series and its graph come from; plain data, so that another process can read them.

    Args:
        name: of a dataset, or what to call the files.
        target: channel to forecast, which is also the only one that models see, as in published tables; "" = the first.
        series: file or store, instead of a dataset.
        adjacency: file beside it.
        how: how the files are read: arguments of `stgraph.forecasting.read_inputs`.
        data_dir: the data folder; None = ``$STGRAPH_DATA``, else the cache of this platform.

    Raises:
        UnknownNameError: there is no such dataset.
        DataError: a series without an adjacency, or the other way round.
    """

    name: str
    target: str = ""
    series: Path | None = None
    adjacency: Path | None = None
    how: Mapping[str, Any] = field(default_factory=dict)
    data_dir: Path | None = None

    def __post_init__(self) -> None:
        """Check that there is a dataset, or both files."""
        if (self.series is None) != (self.adjacency is None):
            message = f"{self.name}: expected a series and an adjacency, found {self.series or self.adjacency} alone"
            raise DataError(message)
        if self.series is None:
            find_dataset(self.name)

    def read(self) -> Inputs:
        """Read the series, with the channel to forecast alone, and the graph.

        Raises:
            DataError: files are missing, or are not what they claim to be.
            MismatchError: there is no such channel, or series and adjacency have different sensors.
        """
        if self.series is None or self.adjacency is None:
            inputs = read_dataset(self.name, self.data_dir)
        else:
            inputs = read_inputs(self.series, self.adjacency, **self.how)
        return inputs.with_channels((self.target or inputs.series.channels[0],))

    def missing(self) -> str:
        """Say what to do about a dataset whose files are not here; "" where nothing is missing."""
        if self.series is not None:
            return ""
        facts = find_dataset(self.name).facts
        there = locate(facts, data_folder(self.data_dir))
        lacking = [files for role, files in facts.roles.items() if role not in there and files[0].needed]
        if not lacking:
            return ""
        fetched = not facts.login and all(any(file.addresses for file in files) for files in lacking)
        what = f"stgraph data fetch {self.name}" if fetched else f"stgraph data info {self.name}"
        return f"its files were not on this machine: `{what}`"
