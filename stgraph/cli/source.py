"""Where series and graph come from: files, or a dataset by its name; for every verb that takes either."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.options import others_given
from stgraph.cli.reading import FLAGS

if TYPE_CHECKING:
    from stgraph.forecasting import Inputs

Dataset = Annotated[str | None, typer.Option(help="Instead of files: a name from `stgraph data list`.")]
Series = Annotated[
    Path | None, typer.Option(help="CSV (wide or long), Parquet, HDF5 or NPZ of measured values, PeMS, or a store.")
]
Adjacency = Annotated[Path | None, typer.Option(help="CSV, NPY, NPZ or PKL: (i, j) > 0 = traffic runs from i to j.")]
FILES = {"series", "--series", "--adjacency", "--common", *FLAGS}


def files_or_dataset(
    ctx: typer.Context,
    series: Path | None,
    adjacency: Path | None,
    dataset: str | None,
    data_dir: Path | None,
    how: dict[str, Any],
    begin: str = "expected --series and --adjacency, or --dataset",
) -> "Inputs":
    """Read the files that were given, or the dataset.

    Args:
        ctx: of the verb.
        series: file of the series.
        adjacency: file of the graph.
        dataset: name of a dataset.
        data_dir: folder of datasets.
        how: arguments of `stgraph.forecasting.read_inputs`; a dataset takes `country` and `before` of them.
        begin: what to say where neither was given.

    Raises:
        DataError: neither or both were given; or see `read_inputs` and `read_dataset`.
    """
    from stgraph.errors import DataError
    from stgraph.forecasting import read_inputs

    inputs = dataset_of(ctx, dataset, data_dir, country=how.get("country"), before=how.get("before"))
    if inputs is not None:
        return inputs
    if series is None or adjacency is None:
        raise DataError(begin)
    return read_inputs(series, adjacency, **how)


def dataset_of(
    ctx: typer.Context,
    dataset: str | None,
    data_dir: Path | None,
    *,
    country: str | None = None,
    before: str | None = None,
) -> "Inputs | None":
    """Read the dataset that the command line names; None where it names none.

    Raises:
        DataError: beside it there are options about files, or a data folder without it; or see `read_dataset`.
    """
    from stgraph.errors import DataError
    from stgraph.forecasting import read_dataset

    if dataset is None and data_dir is None:
        return None
    needless = [option for option in others_given(ctx, "dataset") if option in FILES]
    if dataset is None or needless:
        what = f"{', '.join(needless)}: not together with --dataset" if dataset else "--data-dir: expected --dataset"
        message = f"{what}, whose reader knows its files" if dataset else f"{what} too"
        raise DataError(message)
    return read_dataset(dataset, data_dir, country=country, before=before)
