"""`bench`: many models, seeds and datasets under one protocol, each run once, whatever interrupts it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stgraph.errors import DataError, UnknownNameError
from stgraph.evaluation.bench_child import EndedError, apart
from stgraph.evaluation.bench_record import carry_out
from stgraph.evaluation.bench_results import add_results, check_results, finished_keys, keys_of, read_results
from stgraph.evaluation.bench_run import BenchRun
from stgraph.evaluation.bench_source import TrafficSource
from stgraph.evaluation.protocol import find_protocol
from stgraph.files import check_folder
from stgraph.models import MODELS, find_model
from stgraph.training import Training

QUICK: Final = ("persistence", "historical-average", "linear-regression", "gru", "stid", "patchnet")
Report = Callable[[str], None]


def bench(
    data: Sequence[str | TrafficSource],
    models: str | Sequence[str] = "quick",
    *,
    protocol: str = "clean",
    seeds: int = 1,
    history: int = 12,
    horizons: Sequence[int] = (12,),
    training: Training | None = None,
    minutes: float | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    output: str | Path = "runs/bench",
    results: str | Path | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Fit and score every model with every seed on all data, each in a process of its own, and keep what came of it.

    A run that the results have is not done again; one that was cut off goes on from its last epoch when the same is
    asked for again. Several processes may share a file of results, and the work. Models see the channel to forecast
    alone, and are scored on the test part as the protocol has it. A script that calls this does so under
    ``if __name__ == "__main__":``, as for every process that is started afresh.

    Args:
        data: names of datasets, or where series and graph come from.
        models: ``"all"``, ``"quick"`` (`QUICK`), or names.
        protocol: name of the rules of split, scaling and score.
        seeds: of each model that is trained by gradient so many: 0, 1, ...
        history: steps in.
        horizons: steps out: a model for each.
        training: options of gradient training but the seed.
        minutes: of each training: it has as many epochs as fit in, measured on its first steps and kept with the run,
            at most those of `training`; where not even one fits, as large a share of it; None = all of those.
        settings: model -> its arguments that are not its defaults.
        output: folder of the run folders.
        results: the file; None = ``results.csv`` in `output`.
        report: is told, a line each, what begins and what came of it.

    Returns:
        The rows of what was asked for, every cell as text; `bench_table` and `boards` make sense of them.

    Raises:
        UnknownNameError: no such dataset, model, protocol, channel or setting.
        DataError: nothing asked for, a number out of range, or data or results that are not what they must be.
        RunError: the results have other data of the same name.
    """
    place = Path(output)
    file = check_results(place / "results.csv" if results is None else results)
    check_folder(place)
    sources = [TrafficSource(each) if isinstance(each, str) else each for each in data]
    training, say = training or Training(), report or (lambda _: None)
    find_protocol(protocol)
    _check(sources, seeds, horizons, history, minutes)
    chosen = choose_models(models)
    if unknown := [name for name in settings or {} if name not in chosen]:
        raise UnknownNameError.of("model in settings", unknown[0], chosen)
    for source in sources:
        if missing := source.missing():
            say(f"{source.name}: left out, {missing}")
    runs = [
        BenchRun(source, protocol, name, history, horizon, replace(training, seed=seed), dict(given), minutes)
        for source in sources
        for seed in range(seeds)
        for horizon in horizons
        for name in chosen
        for given in [(settings or {}).get(name, {})]
        if not seed or find_model(name).trained == "gradient"
    ]
    return _done(runs, place, file, say)


def choose_models(models: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of all models, of the quick ones, or those given, each once.

    Raises:
        UnknownNameError: a model that there is not.
        DataError: none.
    """
    known = {"all": tuple(MODELS), "quick": QUICK}
    names = known.get(models, (models,)) if isinstance(models, str) else tuple(dict.fromkeys(models))
    for name in names:
        if name not in MODELS:
            raise UnknownNameError.of("model", name, [*known, *MODELS])
    if not names:
        message = "models: expected at least one, found none"
        raise DataError(message)
    return names


def _check(
    sources: Sequence[TrafficSource], seeds: int, horizons: Sequence[int], history: int, minutes: float | None
) -> None:
    if not sources or not horizons:
        message = f"expected at least one dataset and one horizon, found {len(sources)} and {len(horizons)}"
        raise DataError(message)
    numbers = {"seeds": seeds, "history": history, "horizon": min(horizons), "minutes": minutes}
    for name, number in numbers.items():
        if number is not None and not number > 0:
            message = f"{name}: expected a number above 0, found {number}"
            raise DataError(message)


def _done(runs: Sequence[BenchRun], place: Path, file: Path, say: Report) -> pd.DataFrame:
    """Do all runs that are not done yet; return the rows of all."""
    for run in runs:
        if run.source.missing():
            _tell_missing(run, file)
    there = [run for run in runs if not run.source.missing()]
    for k, run in enumerate(there, start=1):
        head = f"[{k}/{len(there)}] {run}"
        if run.key in finished_keys(file):
            say(f"{head}: done before")
        else:
            say(f"{head} ...")
            say(f"{head}: {_result(run, place, file)}")
    wanted = {run.key for run in runs} | {tuple(run.place.values()) for run in runs}
    table = read_results(file)
    return table[[key in wanted for key in keys_of(table)]].reset_index(drop=True)


def _result(run: BenchRun, place: Path, file: Path) -> str:
    """Carry a run out in a process of its own, and say what came of it."""
    try:
        return apart(carry_out, run, place / run.name, file)
    except EndedError as error:
        add_results(file, [run.asked | {"why": str(error)}])
        return f"cannot: {error}"


def _tell_missing(run: BenchRun, file: Path) -> None:
    """Add a row that says so, unless there are figures of these data from another time or machine."""
    table = read_results(file)
    if not ((table["dataset"] == run.source.name) & (table["why"] == "")).any():
        add_results(file, [run.place | {"why": run.source.missing()}])
