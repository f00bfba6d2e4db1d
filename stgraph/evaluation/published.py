"""What others published, as data: each figure with its dataset, protocol and source."""

from collections.abc import Container
from pathlib import Path
from typing import Final

import pandas as pd

from stgraph.datasets import DATASETS
from stgraph.errors import DataError
from stgraph.evaluation.protocol import PROTOCOLS
from stgraph.files import is_number

FILE: Final = Path(__file__).with_name("published.csv")
KINDS: Final = {
    "published": "printed by their authors, or by others who ran the model",
    "recomputed": "recomputed by us from forecasts that the authors released",
    "public code": "measured by us with the public code of the authors; not published",
}
"""What a row may be, and what that means."""
FIGURES: Final = ("MAE", "RMSE", "MAPE", "accuracy", "R2", "EV")
TOLD: Final = ("dataset", "protocol", "kind", "model", "horizon", "lead", "unit", "source", "link")
"""Columns in which no cell is empty."""
COLUMNS: Final = (*TOLD, "history", "note", *FIGURES)


def published(path: str | Path = FILE) -> pd.DataFrame:
    """Return what others published, a row for each model, source and lead, every cell as the text it is in the file.

    A figure is printed with the digits of its source, "" where the source has none. `lead` is ``@15 min``, that step
    alone, or ``avg<=60 min``, all steps up to it; `history` is empty where the source does not say it.

    Args:
        path: by default the file of this library.

    Raises:
        DataError: names the line and the column of what is missing, unknown, no number or there twice.

    >>> table = published()
    >>> one = table.query("dataset == 'metr-la' and model == 'STID' and lead == '@15 min'").iloc[0]
    >>> one["MAE"], one["protocol"], one["source"]
    ('2.81', 'dcrnn', 'committed logs of Torch-MTS, one run each with seed 233')
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if lacking := [name for name in COLUMNS if name not in table.columns]:
        message = f"{path}: expected a column {lacking[0]!r}, found {', '.join(table.columns)}"
        raise DataError(message)
    known: dict[str, Container[str]] = {"dataset": DATASETS, "protocol": PROTOCOLS, "kind": KINDS}
    for line, (_, row) in enumerate(table.iterrows(), start=2):
        for name in TOLD:
            if not row[name] or row[name] not in known.get(name, row[name]):
                message = f"{path}, line {line}, column {name!r}: expected a known {name}, found {row[name]!r}"
                raise DataError(message)
        figures = [row[name] for name in FIGURES if row[name]]
        if not figures or not all(map(is_number, figures)):
            message = f"{path}, line {line}: expected numbers, one at least, found {figures}"
            raise DataError(message)
    twice = table.duplicated(subset=[name for name in COLUMNS if name not in FIGURES]).to_numpy()
    if twice.any():
        message = f"{path}, line {int(twice.argmax()) + 2}: expected a row once, found it again"
        raise DataError(message)
    return table
