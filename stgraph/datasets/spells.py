"""Spells: what begins at random sensors at random times and lasts a while, an incident or an outage."""

import numpy as np
from numpy.typing import NDArray


class Spells:
    """Spells on sensors, moved some steps at a time; they begin and end without a memory, and may overlap.

    Spells begin as a Poisson process and last a geometric number of steps D, so that a sensor is in none with the
    probability exp(-rate E[D]): the queue with infinitely many servers. The rate follows from the share asked for.

    Args:
        rng: source of randomness.
        sensors: N.
        share: of all sensors and steps that lie in a spell, from 0 up to but not including 1.
        steps: mean length, at least 1.

    >>> within = Spells(np.random.default_rng(0), 1000, share=0.1, steps=20).advance(1000)
    >>> within.shape, round(float(within.mean()), 2)
    ((1000, 1000), 0.1)
    """

    def __init__(self, rng: np.random.Generator, sensors: int, *, share: float, steps: float) -> None:
        self._rng = rng
        self._starts = -np.log1p(-share) / steps * sensors
        self._ends = 1 / steps
        self._step = 0
        before = 1 - (1 - share) ** (1 - self._ends)  # in a spell that began before the first step
        self._until = np.where(rng.random(sensors) < before, rng.geometric(self._ends, sensors), 0).astype(np.int32)

    def advance(self, steps: int) -> NDArray[np.bool_]:
        """Return which sensors are in a spell at the next steps, (steps, N)."""
        within = np.empty((steps, len(self._until)), dtype=np.bool_)
        for row in within:
            count = self._rng.poisson(self._starts)
            if count:
                begun = self._rng.integers(len(self._until), size=count)
                until = self._step + self._rng.geometric(self._ends, count)
                self._until[begun] = np.maximum(self._until[begun], until)
            np.greater(self._until, self._step, out=row)
            self._step += 1
        return within
