"""The axis letters, and the one shape check that every noun uses.

| letter | axis                      | letter | axis                         |
| ------ | ------------------------- | ------ | ---------------------------- |
| B      | windows in a batch        | C      | channels (speed, flow, ...)  |
| T      | history steps             | K      | covariates or static facts   |
| H      | horizon steps             | Q      | quantiles                    |
| N      | sensors                   | E      | edges                        |
"""

from typing import Protocol

from stgraph.errors import ShapeError


class Shaped(Protocol):
    """Anything with a shape: a NumPy array, a torch tensor, a SciPy sparse array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        ...


def check_shape(x: Shaped, axes: str, *, name: str, **sizes: int) -> dict[str, int]:
    """Check an array against axis letters and return the sizes that the letters stand for.

    An axis is a number, a letter, a sum of letters (``T+H``) or alternatives (``N|1``).
    A letter that `sizes` does not hold takes the size it finds.

    Args:
        x: array or tensor to check.
        axes: axes separated by spaces, for example ``"B T+H N|1 K"``.
        name: what to call `x` in the error.
        sizes: sizes known already.

    Raises:
        ShapeError: names the field, the expected axes with their sizes, and the found shape.

    >>> import numpy as np
    >>> check_shape(np.zeros((8, 12, 207, 1)), "B T N C", name="signal", N=207)
    {'N': 207, 'B': 8, 'T': 12, 'C': 1}
    """
    tokens = axes.split()
    known = dict(sizes)
    fits = len(tokens) == len(x.shape)
    for token, found in zip(tokens, x.shape, strict=False):
        if token.isalpha() and token not in known:
            known[token] = int(found)
        fits = fits and any(_size(option, known) == found for option in token.split("|"))
    if not fits:
        wanted = ", ".join(_spell(token, sizes) for token in tokens)
        message = f"{name}: expected shape ({wanted}), found {tuple(int(n) for n in x.shape)}"
        raise ShapeError(message)
    return known


def _size(option: str, known: dict[str, int]) -> int:
    return sum(int(part) if part.isdigit() else known[part] for part in option.split("+"))


def _spell(token: str, sizes: dict[str, int]) -> str:
    letters = set(token) & set(sizes)
    known = ", ".join(f"{letter}={sizes[letter]}" for letter in sorted(letters))
    return f"{token} [{known}]" if known else token
