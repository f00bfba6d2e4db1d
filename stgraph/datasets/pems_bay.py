"""PEMS-BAY: speeds on the freeways of the San Francisco Bay Area, the first half of 2017."""

from stgraph.datasets.dataset import Source
from stgraph.datasets.facts import Address, DataFile, DatasetFacts, on_github
from stgraph.datasets.metr_la import DCRNN, DL_TRAFF, read

RECORD = "https://zenodo.org/records/4263971/files"
MANIFEST = "a public project that checks the record's own MD5; its adj_mx_bay.pkl is DCRNN's"
KERNEL = "sha256:116275f5704d0d492018e14c047f7ae5004385b450aa907f88424055a4a97370"
DISTANCES = "sha256:e5feed06bfa1ba4c554a946d0e03d99f2018365eec5a8f28fd8504dea9d082b5"
POSITIONS = "sha256:276ee01059610774d4e59572507f7e32eaac21f1f5882fcd9e3d7d426a4b7a6c"

FACTS = DatasetFacts(
    name="pems-bay",
    title="Freeways of the San Francisco Bay Area, Caltrans PeMS",
    channels=("speed",),
    units=("mph",),
    sensors=325,
    steps=52_116,
    interval="5min",
    first="2017-01-01",
    last="2017-06-30",
    timezone="America/Los_Angeles",
    missing=(0,),
    unobserved="0: 0.02 % of the values",
    adjacency="exp(-d^2 / sigma^2) of road distances, 0 below 0.1; sigma is their deviation; the diagonal is 1",
    directed=True,
    weighted=True,
    licence="CC BY 4.0, as record 4263971 of Zenodo states; measured by Caltrans",
    citation="Li, Yu, Shahabi, Liu 2018, Diffusion convolutional recurrent neural network",
    link="https://arxiv.org/abs/1707.01926",
    files=(
        DataFile(
            "series",
            "pems-bay/pems-bay.h5",
            also=("PEMS-BAY/pems-bay.h5", "PEMSBAY/pems-bay.h5", "pems-bay.h5"),
            size=135_930_936,
            addresses=(
                Address(f"{RECORD}/pems-bay.h5?download=1", "md5:bfa47e6ee7cc2d665e9b62c0c95c0b41", MANIFEST),
                Address(
                    f"https://github.com/{DL_TRAFF[0]}/raw/5a963706298ef24876ea767a31914021ac18306c/PEMSBAY/pems-bay.h5",
                    "sha256:65d69fb0a2323dba9867179eb7af47c8b814186bc459ff0a4937d21614153c8f",
                    "the pointer of Git LFS that stands there",
                ),
            ),
        ),
        DataFile(
            "adjacency",
            "pems-bay/adj_mx_bay.pkl",
            also=("PEMS-BAY/adj_mx_bay.pkl", "PEMSBAY/adj_mx_bay.pkl", "sensor_graph/adj_mx_bay.pkl"),
            size=1_681_480,
            addresses=(
                on_github(*DCRNN, "data/sensor_graph/adj_mx_bay.pkl", KERNEL),
                on_github(*DL_TRAFF, "PEMSBAY/adj_mx_bay.pkl", KERNEL),
                Address(f"{RECORD}/adj_mx_bay.pkl?download=1", KERNEL, MANIFEST),
            ),
        ),
        DataFile(
            "adjacency",
            "pems-bay/distances_bay_2017.csv",
            also=("PEMS-BAY/distances_bay_2017.csv", "sensor_graph/distances_bay_2017.csv"),
            size=175_771,
            addresses=(on_github(*DCRNN, "data/sensor_graph/distances_bay_2017.csv", DISTANCES),),
        ),
        DataFile(
            "positions",
            "pems-bay/graph_sensor_locations_bay.csv",
            also=("PEMS-BAY/graph_sensor_locations_bay.csv", "sensor_graph/graph_sensor_locations_bay.csv"),
            size=9_750,
            addresses=(on_github(*DCRNN, "data/sensor_graph/graph_sensor_locations_bay.csv", POSITIONS),),
            needed=False,
        ),
    ),
    by_hand="pems-bay.h5 is in https://doi.org/10.5281/zenodo.4263971, adj_mx_bay.pkl there and in the folder "
    "data/sensor_graph of github.com/liyaguang/DCRNN",
    notes="the hour that the clock skipped on 12 March has no rows: two segments",
)

SOURCE = Source(FACTS, read)
