"""The axis letters, and the one shape check that every noun uses.

| letter | axis                      | letter | axis                         |
| ------ | ------------------------- | ------ | ---------------------------- |
| B      | windows in a batch        | C      | channels (speed, flow, ...)  |
| T      | history steps             | K      | covariates or static facts   |
| H      | horizon steps             | Q      | quantiles                    |
| N      | sensors                   | E      | edges                        |
"""

from functools import lru_cache
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
    shape, given = tuple(x.shape), tuple(sizes.items())
    try:
        known = _match(axes, shape, given)
    except TypeError:  # a symbolic size of torch.export has no hash
        known = _match.__wrapped__(axes, shape, given)
    if known is None:
        wanted = ", ".join(_spell(token, sizes) for token in axes.split())
        message = f"{name}: expected shape ({wanted}), found {tuple(int(n) for n in shape)}"
        raise ShapeError(message)
    return dict(known)


@lru_cache(maxsize=4096)
def _match(axes: str, shape: tuple[int, ...], sizes: tuple[tuple[str, int], ...]) -> dict[str, int] | None:
    """Return the sizes of all letters, or None where the shape does not fit; batches ask the same again and again."""
    known, tokens = dict(sizes), _parse(axes)
    fits = len(tokens) == len(shape)
    for options, found in zip(tokens, shape, strict=False):
        first = options[0]
        if len(options) == len(first) == 1 and isinstance(first[0], str):
            known.setdefault(first[0], found)
        fits = fits and any(sum(known[p] if isinstance(p, str) else p for p in parts) == found for parts in options)
    return known if fits else None


def _parse(axes: str) -> tuple[tuple[tuple[str | int, ...], ...], ...]:
    """Return the axes, each as alternatives, each as the letters and numbers to add up."""
    return tuple(
        tuple(tuple(int(part) if part.isdigit() else part for part in option.split("+")) for option in token.split("|"))
        for token in axes.split()
    )


def _spell(token: str, sizes: dict[str, int]) -> str:
    letters = set(token) & set(sizes)
    known = ", ".join(f"{letter}={sizes[letter]}" for letter in sorted(letters))
    return f"{token} [{known}]" if known else token
