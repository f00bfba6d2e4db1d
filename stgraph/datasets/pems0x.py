"""PEMS03, PEMS04, PEMS07 and PEMS08: flows in four districts of California, from Caltrans PeMS."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts, on_github
from stgraph.graph import from_edges, read_ids, read_table
from stgraph.graph.columns import find_column
from stgraph.graph.tables import naming
from stgraph.series import read_series

ASTGNN = "guoshnBJTU/ASTGNN", "9c2e19b98c4cedf1f35214d8789685b6381b3aad"
FLOW = ("flow",), ("veh/5min",)
FLOW_OCCUPANCY_SPEED = ("flow", "occupancy", "speed"), ("veh/5min", "fraction", "mph")
ASTGCN = (
    "Guo, Lin, Feng, Song, Wan 2019, Attention based spatial-temporal graph convolutional networks",
    "https://doi.org/10.1609/aaai.v33i01.3301922",
)
STSGCN = (
    "Song, Lin, Guo, Wan 2020, Spatial-temporal synchronous graph convolutional networks",
    "https://doi.org/10.1609/aaai.v34i01.5438",
)
IDS = "sha256:553bd79618c1e7eb195b467b5a3114d44c5adb43f7ab8b19789fd9dfaa43c439"


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of an array (T, N, C) and a table of edges, by number or by the ids in a text file."""
    series = read_series(
        files["series"], channel=facts.channels, unit=facts.units, start=facts.first, interval=facts.interval
    )
    if "ids" in files:
        ids = read_ids(files["ids"])
        with naming(files["ids"]):
            series = replace(series, sensors=ids)
    path = files["adjacency"]
    table = read_table(path)
    with naming(path):
        pairs = [find_column(table, (name,), "edges") for name in ("from", "to")]
        graph = from_edges(table[pairs], series.sensors)
    return Dataset(facts, series, graph)


def _files(number: str, array: str, edges: str) -> tuple[DataFile, ...]:
    """Return the files of one of the four, given Git's id of its array and the SHA-256 of its edges."""
    name = f"PEMS{number}"
    files = (
        DataFile(
            "series",
            f"pems{number}/{name}.npz",
            also=(f"{name}/{name}.npz", f"{name}/{name.lower()}.npz", f"{name}.npz"),
            addresses=(on_github(*ASTGNN, f"data/{name}/{name}.npz", f"git:{array}"),),
        ),
        DataFile(
            "adjacency",
            f"pems{number}/{name}.csv",
            also=(f"{name}/{name}.csv", f"{name}/distance.csv", f"{name}.csv"),
            addresses=(on_github(*ASTGNN, f"data/{name}/{name}.csv", f"sha256:{edges}"),),
        ),
    )
    if number != "03":
        return files
    ids = on_github(*ASTGNN, "data/PEMS03/PEMS03.txt", IDS)
    return (*files, DataFile("ids", "pems03/PEMS03.txt", also=("PEMS03/PEMS03.txt",), size=2_862, addresses=(ids,)))


def _facts(
    number: str, where: str, *, days: tuple[str, str], size: tuple[int, int], digests: tuple[str, str], notes: str = ""
) -> DatasetFacts:
    """Return the facts of one of the four."""
    one_of_two = number in {"04", "08"}
    channels, units = FLOW_OCCUPANCY_SPEED if one_of_two else FLOW
    return DatasetFacts(
        name=f"pems{number}",
        title=f"{where}, Caltrans PeMS",
        channels=channels,
        units=units,
        sensors=size[1],
        steps=size[0],
        interval="5min",
        first=days[0],
        last=days[1],
        timezone="America/Los_Angeles",
        unobserved="nothing is marked: PeMS and its authors filled the holes in; 0 is a value",
        adjacency="1 from the first to the second sensor of each row of the table; its road lengths are not used",
        directed=True,
        weighted=False,
        licence="none is stated with the data; measured by Caltrans",
        citation=ASTGCN[0] if one_of_two else STSGCN[0],
        link=ASTGCN[1] if one_of_two else STSGCN[1],
        files=_files(number, *digests),
        by_hand=f"PEMS{number}.npz and PEMS{number}.csv are in the folder data/PEMS{number} of "
        "github.com/guoshnBJTU/ASTGNN",
        notes=notes,
    )


SOURCES = tuple(
    Source(facts, read)
    for facts in (
        _facts(
            "03",
            "District 3 of California",
            days=("2018-09-01", "2018-11-30"),
            size=(26_208, 358),
            digests=(
                "b4487154fc9611a3bf9856b0aad34efa610ea8ae",
                "b978bc1fee8172ac0bb02e6478f0376b68d172ee88c0c3121c60241e42c89fc6",
            ),
            notes="one row of its table joins sensor 314013 with itself: an entry on the diagonal",
        ),
        _facts(
            "04",
            "San Francisco Bay Area, District 4",
            days=("2018-01-01", "2018-02-28"),
            size=(16_992, 307),
            digests=(
                "a1a39eac4b86963b1ac22874fd1cc693eb642cd2",
                "68ffaa80447eb34428a9999dc28363c61406ec0fd714686d0582d2386ac6f5f7",
            ),
        ),
        _facts(
            "07",
            "District 7 of California",
            days=("2017-05-01", "2017-08-06"),
            size=(28_224, 883),
            digests=(
                "28c547f80eb8804d3e378168c80f77f82db2680a",
                "f7d127ebf976f1e2d93dc7d7275cef6d8c4c1828c7c8bfbaf3ee1254491314f1",
            ),
            notes="98 days from the first of May, though its paper says until the end of August",
        ),
        _facts(
            "08",
            "San Bernardino, District 8",
            days=("2016-07-01", "2016-08-31"),
            size=(17_856, 170),
            digests=(
                "f5f3e84a00417573aa8487fe1e9e8cd13c6026c8",
                "859d68e7583ed4e6016588eaaca494d3ece286dae361614c5c1833017f87eaa7",
            ),
            notes="18 of the 295 rows of its table repeat another one",
        ),
    )
)
