"""Facts in words, and addresses that say what is not known of them."""

from dataclasses import replace

from stgraph.datasets import DATASETS, Address
from stgraph.datasets.facts import on_github


def test_an_address_says_whether_anybody_tried_it_and_what_is_known_of_its_bytes() -> None:
    address = Address("https://example.org/a.csv")
    assert "unverified" in str(address)
    assert "digest unknown" in str(address)
    known = replace(address, digest="sha256:00", verified=True)
    assert str(known) == "https://example.org/a.csv (sha256:00)"
    assert on_github("a/b", "0123456789", "c.csv", "git:1").source == "a copy of github.com/a/b at commit 0123456"


def test_files_are_grouped_by_role_in_the_order_in_which_they_are_looked_for() -> None:
    roles = DATASETS["metr-la"].facts.roles
    assert list(roles) == ["series", "adjacency", "positions"]
    assert [file.path for file in roles["adjacency"]] == ["metr-la/adj_mx.pkl", "metr-la/distances_la_2012.csv"]


def test_the_description_leaves_out_what_says_nothing() -> None:
    told = DATASETS["synthetic"].facts.describe()
    assert "login" not in told
    assert told["size"] == "8,064 steps of 5min, 96 sensors"
    assert told["adjacency"].endswith("(directed, weighted)")
    assert DATASETS["largest-ca"].facts.describe()["login"] == "needed"
