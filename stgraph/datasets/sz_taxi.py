"""SZ-taxi: speeds of taxis on the roads of Luohu, Shenzhen, January 2015."""

from stgraph.datasets.dataset import Source
from stgraph.datasets.facts import DataFile, DatasetFacts, on_github
from stgraph.datasets.los_loop import read
from stgraph.datasets.metr_la import TGCN

SPEEDS = "git:9f6331326e34f1e323b84fb91b781250c77a232c"
ROADS = "sha256:4e40e865b29d73df8404f6cc4c1a0c5ba55aa575aef97a4e9ce4fcd30aad16d6"

FACTS = DatasetFacts(
    name="sz-taxi",
    title="Roads of Luohu, Shenzhen, speeds of taxis",
    channels=("speed",),
    units=("km/h",),
    sensors=156,
    steps=2_976,
    interval="15min",
    first="2015-01-01",
    last="2015-01-31",
    timezone="Asia/Shanghai",
    missing=(0,),
    unobserved="0: no taxi passed, 24.8 % of the values",
    adjacency="1 where roads meet; the diagonal is 0",
    directed=True,
    weighted=False,
    licence="none is stated in the repository of its authors",
    citation="Zhao, Song, Zhang, Liu, Wang, Lin, Deng, Li 2020, T-GCN",
    link="https://arxiv.org/abs/1811.05320",
    files=(
        DataFile(
            "series",
            "sz-taxi/sz_speed.csv",
            also=("sz_speed.csv",),
            addresses=(on_github(*TGCN, "data/sz_speed.csv", SPEEDS),),
        ),
        DataFile("series", "sz-taxi/SZ_taxi.npz", also=("SZ_taxi.npz",), size=3_714_310),
        DataFile(
            "adjacency",
            "sz-taxi/sz_adj.csv",
            also=("sz_adj.csv",),
            size=48_672,
            addresses=(on_github(*TGCN, "data/sz_adj.csv", ROADS),),
        ),
    ),
    by_hand="sz_speed.csv and sz_adj.csv are in the folder data of github.com/lehaifeng/T-GCN",
    notes="its published tables count the zeros as true speeds",
)

SOURCE = Source(FACTS, read)
