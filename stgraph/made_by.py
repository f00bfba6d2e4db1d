"""Which code on which machine made a figure: what every measurement writes down beside it."""

import functools
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]


def made_by() -> dict[str, str | int]:
    """Return the commit, the processor, the threads that torch uses, and the versions of Python, torch and stgraph."""
    import torch  # noqa: PLC0415 - a second that the commit alone does not need

    return {
        "commit": commit(),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "stgraph": version("stgraph"),
    }


@functools.cache
def commit(tree: Path = ROOT) -> str:
    """Return the commit of a working tree, with ``-dirty`` where its code was changed; empty where it is none.

    It is asked once: what counts is the code that was imported, not what stands there hours later. Results that are
    written into the tree do not change its code.

    Args:
        tree: its top; by default that of the code that runs.
    """
    if not (tree / ".git").exists():  # installed, perhaps inside the working tree of something else
        return ""
    head, changed = _git(tree, "describe", "--always"), _git(tree, "status", "--porcelain", "--", "*.py")
    return f"{head}-dirty" if head and changed else head


def _git(tree: Path, *arguments: str) -> str:
    """Return what git says; nothing where there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=tree, capture_output=True, text=True, check=False)  # noqa: S603, S607 - whichever git the user has
    except OSError:
        return ""
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
