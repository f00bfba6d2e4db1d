"""Options of reading, as users give them."""

from collections.abc import Sequence
from pathlib import Path

from stgraph.errors import DataError


def names_of(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return one name or several as a tuple, empty for None."""
    return (names,) if isinstance(names, str) else tuple(names or ())


def refuse_options(path: str | Path, **given: object) -> None:
    """Refuse options of reading that a file of some form has no use for.

    Args:
        path: of the file.
        given: each option by its name; None and empty ones are not given.

    Raises:
        DataError: one of them is given; names the file, the options and their flags.
    """
    needless = [
        name
        for name, value in given.items()
        if value is not None and (not isinstance(value, list | tuple | dict) or value)
    ]
    if needless:
        flags = ", ".join(f"--{'column' if name == 'columns' else name}" for name in needless)
        them = "it" if len(needless) == 1 else "them"
        message = f"{path}: a file of this form has no use for {', '.join(needless)}; leave {them} out ({flags})"
        raise DataError(message)
