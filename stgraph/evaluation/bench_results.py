"""The results of benchmarks: a CSV with one row a run and lead, to which several processes may add."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import filelock
import pandas as pd

from stgraph.errors import DataError
from stgraph.evaluation.bench_run import ASKED
from stgraph.files import check_folder, written_whole
from stgraph.metrics import METRICS

FOUND: Final = (
    *("lead", "channel", "unit", *METRICS, "windows", "parameters"),
    *("epochs_planned", "epochs_run", "best_epoch", "stopped_early", "late_gain", "converged"),
    *("seconds", "seconds_per_epoch", "peak_gib", "data", "device"),
    *("commit", "machine", "threads", "python", "torch", "stgraph", "finished", "why"),
)
"""Columns of the results that say what came of it; `why` says why nothing did."""
COLUMNS: Final = (*ASKED, *FOUND)


def check_results(path: str | Path) -> Path:
    """Return the path of a file of results that can be written: ask before hours of work, not after.

    Raises:
        DataError: another ending, a folder that cannot be written to, or a file that holds something else.
    """
    target = Path(path)
    if target.suffix != ".csv":
        message = f"{target}: expected a name ending in .csv"
        raise DataError(message)
    check_folder(target.parent)
    read_results(target)
    return target


def read_results(path: str | Path) -> pd.DataFrame:
    """Return all rows, every cell as the text it is in the file, "" where there is none; no row where no file is.

    Raises:
        DataError: the file is not a table of results.
    """
    target = Path(path)
    if not target.exists():
        return pd.DataFrame(columns=list(COLUMNS), dtype=str)
    try:
        table = pd.read_csv(target, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        message = f"{target}: not readable as CSV ({error})"
        raise DataError(message) from error
    lacking = [name for name in COLUMNS if name not in table.columns]
    if lacking:
        message = f"{target}: expected the columns of `stgraph bench`, found none called {', '.join(lacking[:5])}"
        raise DataError(message)
    return table[list(COLUMNS)]


def keys_of(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the key of the run that each row is of."""
    return list(table[list(ASKED)].itertuples(index=False, name=None))


def finished_keys(path: str | Path) -> set[tuple[str, ...]]:
    """Return the keys of the runs that a file of results has figures of.

    Raises:
        DataError: the file is not a table of results.
    """
    table = read_results(path)
    return set(keys_of(table[table["why"] == ""]))


def add_results(path: str | Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Add rows to a file of results, in the place of those of the same runs; other processes may do so at once.

    That a dataset's files were not there is forgotten as soon as there is anything else to say of it.

    Args:
        path: the file, made where there is none; it is whole at any time.
        rows: cells by column; what is not given is empty.

    Raises:
        DataError: the file is not a table of results, or cannot be written.
    """
    target = Path(path)
    new = pd.DataFrame([dict.fromkeys(COLUMNS, "") | dict(row) for row in rows], columns=list(COLUMNS))
    check_folder(target.parent).mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(target.with_name(f".{target.name}.lock")):
        old = read_results(target)
        replaced = set(keys_of(new))
        told = set(_places(new[new["model"] != ""]))
        kept = [
            key not in replaced and (bool(model) or place not in told)
            for key, model, place in zip(keys_of(old), old["model"], _places(old), strict=True)
        ]
        table = pd.concat([old[kept], new], ignore_index=True)
        with written_whole(target) as temporary:
            table.to_csv(temporary, index=False)


def _places(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(table[["dataset", "protocol"]].itertuples(index=False, name=None))
