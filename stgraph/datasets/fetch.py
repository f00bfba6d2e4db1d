"""The files of a dataset: fetched from the first address that gives the right bytes, or by hand."""

from collections.abc import Callable, Sequence
from pathlib import Path

from stgraph.datasets.catalogue import find_dataset
from stgraph.datasets.download import download
from stgraph.datasets.facts import DataFile, DatasetFacts
from stgraph.datasets.places import data_folder, locate
from stgraph.datasets.seen import read_seen, record_seen
from stgraph.errors import DataError

Report = Callable[[str], None]


def fetch(
    name: str, data_dir: str | Path | None = None, *, progress: bool = False, report: Report | None = None
) -> dict[str, Path]:
    """Fetch the files of a dataset that are not there yet; return all of them, by role.

    An address whose digest nobody knows must give for ever what it gave first: its SHA-256 is kept in ``seen.json``.

    Args:
        name: of the dataset.
        data_dir: the data folder; None = ``$STGRAPH_DATA``, else the cache of this platform.
        progress: draw a bar for each file.
        report: is told, a line each, what is there, what is fetched from where, and what failed.

    Raises:
        UnknownNameError: there is no such dataset.
        DataError: a needed file can't be fetched; says which to download by hand, from where, and where to put it.
    """
    facts, folder = find_dataset(name).facts, data_folder(data_dir)
    say = report or (lambda _: None)
    found = locate(facts, folder)
    failures: dict[str, list[str]] = {}
    for role, files in facts.roles.items():
        if role in found:
            say(f"{role}: {found[role]}, there already")
            continue
        failures[role] = []
        path = _fetch_first(files, folder, failures[role], progress=progress, say=say)
        if path is not None:
            found[role] = path
    missing = {role: why for role, why in failures.items() if role not in found and facts.roles[role][0].needed}
    if missing:
        raise DataError(_by_hand(facts, folder, missing))
    return found


def _fetch_first(
    files: Sequence[DataFile], folder: Path, failed: list[str], *, progress: bool, say: Report
) -> Path | None:
    """Fetch the first file of a role that any of its addresses gives; add to `failed` why others do not."""
    for file in files:
        for address in file.addresses:
            say(f"{file.role}: fetching {address}")
            target, seen = folder / file.path, read_seen(folder).get(address.url, "")
            digest = address.digest or (seen and f"sha256:{seen}")
            try:
                sha = download(address.url, target, digest=digest, progress=progress)
            except DataError as error:
                failed.append(str(error))
                say(f"{file.role}: {error}")
                continue
            record_seen(folder, address.url, sha)
            say(f"{file.role}: written {target}, SHA-256 {sha}")
            return target
    return None


def _by_hand(facts: DatasetFacts, folder: Path, missing: dict[str, list[str]]) -> str:
    """Say what to download, from where, and where to put it under which name."""
    tried = [why for failed in missing.values() for why in failed]
    put = [f"{' or '.join(str(folder / file.path) for file in facts.roles[role])} ({role})" for role in missing]
    login = " (an account is needed)" if facts.login else ""
    vain = f"; tried in vain: {'; '.join(tried)}" if tried else ""
    return f"{facts.name}: is to be fetched by hand{login}: {facts.by_hand}; put it as {', and '.join(put)}{vain}"
