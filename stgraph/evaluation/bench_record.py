"""Carry out one run of a benchmark, and write down what came of it."""

import math
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import torch

from stgraph.errors import RunError, StgraphError, UnknownNameError
from stgraph.evaluation.bench_memory import check_memory
from stgraph.evaluation.bench_results import add_results, finished_keys, read_results
from stgraph.evaluation.bench_run import BenchRun
from stgraph.evaluation.convergence import converged, late_gain
from stgraph.evaluation.evaluate import evaluate
from stgraph.evaluation.evaluation import SHOWN_MINUTES, Evaluation
from stgraph.evaluation.protocol import find_protocol
from stgraph.forecasting import Forecaster, Inputs, estimate, fit, load
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.forecasting.unfinished import FINISHED, PLAN, Plan
from stgraph.made_by import commit, made_by
from stgraph.metrics import METRICS
from stgraph.training import Training, peak_memory

USUAL_STEPS = (3, 6, 12)
"""At which tables of 12 steps show errors, beside `SHOWN_MINUTES`."""


def carry_out(run: BenchRun, folder: Path, results: Path) -> str:
    """Fit and score, or go on where that was cut off, and add what came of it to the results.

    A model that cannot do the task, or fails, has a row that says why.

    Args:
        run: what to do.
        folder: of the run.
        results: the file of results.

    Returns:
        What came of it, in a line; that it was done before, or is being done by another process.

    Raises:
        DataError: the data cannot be read, or differ from those that the results have under the same name.
        UnknownNameError: no such channel or setting of the model.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            return _carried_out(run, folder, results)
    except filelock.Timeout:
        return "another process is at it"


def _carried_out(run: BenchRun, folder: Path, results: Path) -> str:
    if run.key in finished_keys(results):
        return "done before"
    commit()  # of the code that runs: asked now, not hours later
    inputs = run.source.read()
    about = {"data": _digest(inputs), "channel": inputs.series.channels[0], "unit": inputs.series.units[0]}
    _check_same_data(results, run, about["data"])
    try:
        rows = _measured(run, inputs, folder)
    except UnknownNameError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one model fails of, the others shall have their night
        if not isinstance(error, StgraphError):  # not on purpose
            traceback.print_exc()
        why = " ".join(f"{type(error).__name__}: {error}".split())
        rows = [_spelled(made_by() | {"why": why})]
    finished = {"finished": datetime.now(UTC).isoformat(timespec="seconds")}
    add_results(results, [run.asked | about | finished | row for row in rows])
    last = rows[-1]
    if "why" in last:
        return f"cannot: {last['why']}"
    epochs = f", {last['epochs_run']} epochs" if "epochs_run" in last else ""
    state = "" if last["converged"] == "yes" else ", not converged"
    return f"MAE {last['MAE']} {about['unit']} {last['lead']}{epochs}{state}"


def _measured(run: BenchRun, inputs: Inputs, folder: Path) -> list[dict[str, str]]:
    """Return a row for each lead, without what was asked for."""
    forecaster, peak = _fitted(run, inputs, folder)
    how, log, model = forecaster.training, forecaster.log, forecaster.model
    rules = find_protocol(run.protocol)
    scored = evaluate({run.model: forecaster}, inputs.series, protocol=rules, progress=run.training.progress)
    learned = model.parameters() if run.by_gradient else model.buffers()
    seconds = [epoch.seconds for epoch in log.epochs]
    by, begun = made_by(), str(forecaster.provenance.get("commit", ""))
    facts = by | {
        "windows": scored.windows,
        "parameters": sum(x.numel() for x in learned),
        "seconds": log.seconds,
        "peak_gib": math.nan if peak is None else peak / 2**30,
        "device": _device(run.training) if run.by_gradient else "cpu",
        "commit": "..".join(dict.fromkeys(filter(None, [begun, str(by["commit"])]))),
        "converged": "yes" if converged(log, share=how.epoch_share if how else 1.0) else "no",
    }
    if log.epochs and how is not None:
        facts |= {
            "epochs_planned": how.epochs * how.epoch_share,
            "epochs_run": len(log.epochs) * how.epoch_share,
            "best_epoch": (log.best_epoch + 1) * how.epoch_share,
            "stopped_early": "yes" if log.stopped_early else "no",
            "late_gain": late_gain(log),
            "seconds_per_epoch": float(np.median(seconds)) / how.epoch_share,
        }
    return [_spelled(facts | row) for row in _leads(scored)]


def _fitted(run: BenchRun, inputs: Inputs, folder: Path) -> tuple[Forecaster, int | None]:
    """Return the forecaster, and the bytes at the peak of its fit; None where it was fitted before."""
    begun = Plan.read(folder) if (folder / PLAN).exists() else None
    if begun is None and (folder / FINISHED).exists():  # cut off before it was scored
        return load(folder), None
    rules = find_protocol(run.protocol)
    how: dict[str, Any] = {"history": run.history, "horizon": run.horizon, "settings": run.settings}
    how |= {"split": rules.split, "scaling": rules.scaling}
    provenance = inputs.provenance | {"protocol": rules.name, "commit": commit()}
    if begun is None:
        if run.by_gradient:
            with seeded(run.training.seed):
                check_memory(prepare(inputs.series, inputs.graph, run.model, training=run.training, **how))
        training = _within_budget(run, inputs, how)
    else:  # the same epochs and patches as chosen then, and where it was begun
        shown = {name: getattr(run.training, name) for name in ("accelerator", "progress")}
        training, provenance = replace(begun.training, **shown), begun.provenance
    forecaster = fit(
        inputs.series,
        inputs.graph,
        run.model,
        training=training,
        bounds=False,
        provenance=provenance,
        folder=folder,
        **how,
    )
    return forecaster, peak_memory("cpu" if _device(training) == "cpu" or not run.by_gradient else "cuda")


def _within_budget(run: BenchRun, inputs: Inputs, how: Mapping[str, Any]) -> Training:
    """Return the training with as many epochs as fit into the minutes; where none does, with as much of one as does."""
    if run.minutes is None or not run.by_gradient:
        return run.training
    cost = estimate(inputs.series, inputs.graph, run.model, training=run.training, **how)
    seconds = 60 * run.minutes
    if fitting := int(seconds / cost.epoch_seconds):
        return replace(run.training, epochs=min(run.training.epochs, fitting))
    learning = cost.epoch_seconds - cost.validation_seconds
    share = max((seconds - cost.validation_seconds) / learning, 1 / cost.batches)  # of one batch there is a figure, too
    return replace(run.training, epochs=1, epoch_share=run.training.epoch_share * min(share, 1.0))


def _leads(scored: Evaluation) -> list[dict[str, Any]]:
    """Return the errors at the usual leads and pooled over all: the latter alone where the protocol has it so."""
    table = scored.to_dataframe()
    steps = {*scored.shown_steps(SHOWN_MINUTES), *(k - 1 for k in USUAL_STEPS if k <= len(scored.lead_minutes))}
    if scored.protocol is not None and scored.protocol.headline == "up_to":
        steps = set()
    shown = [*(scored.leads[k] for k in sorted(steps)), scored.leads[-1]]
    kept = table.loc[table["lead"].isin(shown), ["lead", *METRICS]]
    return [dict(zip(kept.columns, row, strict=True)) for row in kept.itertuples(index=False, name=None)]


def _device(training: Training) -> str:
    """Return the name of what a training by gradient runs on."""
    if training.accelerator == "cpu" or not torch.cuda.is_available():
        return "cpu"
    return torch.cuda.get_device_name()


def _digest(inputs: Inputs) -> str:
    """Return twelve digits that stand for the values and the graph."""
    return f"{inputs.series.digest()[:6]}{inputs.graph.digest()[:6]}"


def _check_same_data(results: Path, run: BenchRun, found: str) -> None:
    """Check that no row of the same name is of other data.

    Raises:
        RunError: there is one.
    """
    table, mine = read_results(results), run.asked
    same = (table["dataset"] == mine["dataset"]) & (table["target"] == mine["target"]) & (table["data"] != "")
    others = sorted(set(table.loc[same, "data"]) - {found})
    if others:
        message = (
            f"{results}: expected under the name {run.source.name} the data {others[0]}, found {found}; give the "
            "data another name, or the results another file"
        )
        raise RunError(message)


def _spelled(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a row as text; a number that is none is empty."""
    cells = {}
    for name, value in row.items():
        if isinstance(value, float):
            cells[name] = "" if math.isnan(value) else f"{value:.6g}"
        else:
            cells[name] = str(value)
    return cells
