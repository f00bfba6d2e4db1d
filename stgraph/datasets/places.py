"""Where data lies: one folder, in which each file of a dataset has a few known places."""

import os
from pathlib import Path

from stgraph.datasets.facts import DatasetFacts
from stgraph.errors import DataError

VARIABLE = "STGRAPH_DATA"


def data_folder(data_dir: str | Path | None = None) -> Path:
    """Return the folder of all datasets: the given one, else ``$STGRAPH_DATA``, else the cache of this platform."""
    import pooch  # noqa: PLC0415 - a tenth of a second that most of this room does not need

    return Path(data_dir or os.environ.get(VARIABLE) or pooch.os_cache("stgraph"))


def locate(facts: DatasetFacts, folder: Path) -> dict[str, Path]:
    """Return the files of a dataset that are in a data folder, by role."""
    found = {}
    for role, files in facts.roles.items():
        places = (folder / path for file in files for path in (file.path, *file.also))
        there = next((place for place in places if place.is_file()), None)
        if there is not None:
            found[role] = there
    return found


def require(facts: DatasetFacts, folder: Path) -> dict[str, Path]:
    """Return the files of a dataset, by role.

    Raises:
        DataError: names every needed file that is not there, the places where it was looked for, and what to do.
    """
    found = locate(facts, folder)
    missing = [
        f"{role} ({' or '.join(path for file in files for path in (file.path, *file.also))})"
        for role, files in facts.roles.items()
        if role not in found and files[0].needed
    ]
    if missing:
        message = (
            f"{facts.name}: files are missing in {folder}: get them with `stgraph data fetch {facts.name}`, or say "
            f"with ${VARIABLE} or --data-dir where they are; looked for {', '.join(missing)}"
        )
        raise DataError(message)
    return found
