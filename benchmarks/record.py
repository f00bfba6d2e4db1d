"""What every benchmark writes down: rows, with the commit and the machine that made them."""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from stgraph.files import written_whole

RESULTS = Path(__file__).parent / "results"


def record(name: str, rows: Sequence[dict[str, Any]] | pd.DataFrame) -> Path:
    """Write rows to results/`name`.csv, each with commit, processor, threads and torch version; print them."""
    made_by: dict[str, str | int] = {
        "commit": COMMIT,
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda x: f"{x:.4g}"))
    path = RESULTS / f"{name}.csv"
    with written_whole(path) as temporary:
        table.assign(**made_by).to_csv(temporary, index=False, float_format="%.6g")
    print(f"written: {path.relative_to(RESULTS.parents[1])}")
    return path


def _commit() -> str:
    out = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git the user has
        cwd=RESULTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return out.stdout.strip() or "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


COMMIT = _commit()
"""Of the code that runs: asked when it starts, not hours later when it has finished."""
