"""Spells: as often and as long as asked for, from the first step on, however the steps are grouped."""

import numpy as np
import pytest

from stgraph.datasets.spells import Spells


@pytest.mark.parametrize(("share", "steps"), [(0.02, 1.0), (0.1, 30.0), (0.6, 5.0), (0.0, 4.0)])
def test_the_share_is_the_same_at_every_step(share: float, steps: float) -> None:
    within = Spells(np.random.default_rng(0), 20_000, share=share, steps=steps).advance(60)
    assert within.mean() == pytest.approx(share, rel=0.05)
    for at in (0, 30, 59):
        assert within[at].mean() == pytest.approx(share, rel=0.25)


def test_rare_spells_are_as_long_as_asked_for() -> None:
    within = Spells(np.random.default_rng(0), 500, share=0.01, steps=12).advance(20_000)
    begun = (within[1:] & ~within[:-1]).sum()
    assert within.sum() / begun == pytest.approx(12, rel=0.05)


def test_grouping_steps_changes_nothing() -> None:
    whole = Spells(np.random.default_rng(3), 50, share=0.2, steps=4).advance(100)
    parts = Spells(np.random.default_rng(3), 50, share=0.2, steps=4)
    np.testing.assert_array_equal(np.concatenate([parts.advance(n) for n in (1, 0, 13, 86)]), whole)
