"""Work in a process of its own: its memory is its own, and it ends when the one that waits for it does."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from stgraph.errors import RunError

PATIENCE = 10.0
"""Seconds that it has to end by itself after Ctrl-C."""

P = ParamSpec("P")
R = TypeVar("R")


class EndedError(RunError):
    """A process was ended from outside, as systems do that run out of memory."""


def apart(work: Callable[P, R], *arguments: P.args, **options: P.kwargs) -> R:
    """Return what some work returns that is done in a fresh process; what it raises is raised here.

    Args:
        work: a function of a module; what it takes and returns can be pickled.
        arguments: of it.
        options: likewise, by name.

    Raises:
        EndedError: the process ended without an answer.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, work, arguments, options))
    process.start()
    there.close()  # so that its end is the end of the pipe
    try:
        found, error = here.recv()
    except EOFError:
        process.join()
        message = f"the process ended {_how(process.exitcode or 0)}"
        raise EndedError(message) from None
    finally:
        process.join(PATIENCE)
        process.kill()
        process.join()
    if error is not None:
        raise error
    answer: R = found
    return answer


def _how(code: int) -> str:
    """Say how a process ended.

    >>> _how(-9), _how(1)
    ('by signal 9: perhaps for want of memory', 'with exit code 1')
    """
    if code >= 0:
        return f"with exit code {code}"
    return f"by signal {-code}" + (": perhaps for want of memory" if code == -9 else "")


def _answer(there: Connection, work: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Work, in the fresh process, and send back what came of it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        there.send((work(*arguments, **options), None))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
        there.send((None, error))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
