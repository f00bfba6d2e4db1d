"""The few exceptions of stgraph. Each message says what was expected, what was found, and the fix."""

import difflib
from collections.abc import Iterable


class StgraphError(Exception):
    """Base of every error that stgraph raises on purpose."""


class ShapeError(StgraphError, ValueError):
    """An array does not have the axes it must have."""


class DataError(StgraphError, ValueError):
    """The content of a file, table or array can't be what it claims to be."""


class MismatchError(StgraphError, ValueError):
    """Two things that must agree (series and graph, model and batch) do not."""


class RunError(StgraphError):
    """A run folder is missing, truncated, altered or not of this library."""


class UnknownNameError(StgraphError, LookupError):
    """A name that is not in the list of valid ones; the message suggests the nearest."""

    @classmethod
    def of(cls, kind: str, name: str, valid: Iterable[str]) -> "UnknownNameError":
        """Build the error for one unknown `name` of a `kind`, with the nearest of the `valid` names.

        >>> str(UnknownNameError.of("model", "patchnt", ["patchnet", "persistence"]))
        "unknown model 'patchnt': did you mean 'patchnet'? Valid: patchnet, persistence"
        """
        names = list(valid)
        near = [n for n in names if name and n.startswith(name)] or difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return cls(f"unknown {kind} {name!r}: {hint}Valid: {', '.join(names)}")
