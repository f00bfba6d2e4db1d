"""What every benchmark writes down: rows, with the commit and the machine that made them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stgraph.files import written_whole
from stgraph.made_by import commit, made_by

RESULTS = Path(__file__).parent / "results"
commit()  # of the code that runs: asked when it starts, not hours later when it has finished


def record(name: str, rows: Sequence[dict[str, Any]] | pd.DataFrame) -> Path:
    """Write rows to results/`name`.csv, each with the commit, the machine and the versions; print them."""
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda x: f"{x:.4g}"))
    path = RESULTS / f"{name}.csv"
    with written_whole(path) as temporary:
        table.assign(**made_by()).to_csv(temporary, index=False, float_format="%.6g")
    print(f"written: {path.relative_to(RESULTS.parents[1])}")
    return path
