"""A figure's origin: the commit of the tree that the code stands in, and of no other."""

import os
import subprocess
from pathlib import Path

import torch

import stgraph.made_by
from stgraph.made_by import commit, made_by


def git(tree: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=tree, env=os.environ | who, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_commit_is_that_of_the_tree_and_says_whether_it_was_changed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    for name in ("a.py", "a.csv"):
        (tmp_path / name).write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    head = git(tmp_path, "rev-parse", "--short", "HEAD")
    assert commit(tmp_path) == head
    (tmp_path / "a.csv").write_text("2\n")
    commit.cache_clear()
    assert commit(tmp_path) == head, "results are no code"
    (tmp_path / "a.py").write_text("2\n")
    assert commit(tmp_path) == head, "asked once"
    commit.cache_clear()
    assert commit(tmp_path) == f"{head}-dirty"


def test_a_library_installed_inside_another_tree_does_not_take_its_commit(tmp_path: Path) -> None:
    git(tmp_path, "init")
    inside = tmp_path / "site-packages"
    inside.mkdir()
    assert commit(inside) == ""


def test_machine_threads_and_versions_are_said() -> None:
    found = made_by()
    assert found["torch"] == torch.__version__
    assert found["threads"] == torch.get_num_threads()
    assert str(found["machine"]).endswith(" cores")
    assert found["commit"] == commit(stgraph.made_by.ROOT)
    assert all(str(found[name]) for name in ("python", "stgraph"))
