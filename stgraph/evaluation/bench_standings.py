"""Who stands where: the results of a benchmark, brought together by task, and ranked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from stgraph.evaluation.bench_run import ASKED
from stgraph.evaluation.evaluation import SHOWN_MINUTES
from stgraph.evaluation.protocol import find_protocol

TABLED: Final = {"tgcn": ("RMSE", "MAE", "accuracy")}
"""Metrics that tables under a protocol print, the one that ranks first."""
USUAL: Final = ("MAE", "RMSE", "MAPE")
TASK: Final = ("dataset", "target", "protocol", "history")
TOLD_APART: Final = ("epochs", "minutes", "patience", "batch_size", "learning_rate")
MADE_BY: Final = ("commit", "machine", "torch", "device", "windows")


@dataclass(frozen=True)
class Figure:
    """A figure over seeds: its mean, and the least and the greatest."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Figure":
        """Return that of the cells that hold a number; NaN of none."""
        known = [float(cell) for cell in cells if cell] or [math.nan]
        return cls(float(np.mean(known)), min(known), max(known))


@dataclass(frozen=True)
class Standing:
    """What came of one model, with one choice of settings and training, over its seeds.

    Args:
        model: its name.
        label: that, and what tells it from others of its name.
        figures: lead and metric -> the figure.
        facts: column of the results -> it, over seeds and horizons: epochs_run, epochs_planned, best_epoch,
            seconds_per_epoch, peak_gib, parameters.
        seeds: how many.
        lacking: "not converged" where a training had not come to its end, "not complete" where a seed or a lead is
            still to be done, else "".
        why: why there is no figure; "" where there is.
        rank: 1 is the best; None where anything is lacking.
    """

    model: str
    label: str
    figures: Mapping[tuple[str, str], Figure]
    facts: Mapping[str, Figure]
    seeds: int
    lacking: str = ""
    why: str = ""
    rank: int | None = None


@dataclass(frozen=True)
class Board:
    """The standings of one task: those ranked first, from the best, then those that are not.

    Args:
        dataset: its name.
        channel: that is forecast.
        unit: its unit.
        protocol: its name.
        history: steps in.
        horizons: steps out; several where the protocol averages over all steps, so that each horizon has one lead.
        leads: what the columns are called.
        metrics: that are shown, the one that ranks first.
        standings: one a model.
        missing: what to do about data that were not there.
        origin: column -> what it was in any of the rows: commit, machine and the like.
        trained: column -> what was trained with it -> the models that were: epochs, minutes, threads and the like.
    """

    dataset: str
    channel: str
    unit: str
    protocol: str
    history: str
    horizons: tuple[str, ...]
    leads: tuple[str, ...]
    metrics: tuple[str, ...]
    standings: tuple[Standing, ...]
    missing: str
    origin: Mapping[str, tuple[str, ...]]
    trained: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def rules(self) -> str:
        """Protocol, steps in and steps out."""
        *before, last = self.horizons
        out = f"{', '.join(before)} and {last}" if before else last
        return f"protocol {self.protocol}: {self.history} steps in, {out} out"

    @property
    def ranking_leads(self) -> tuple[str, ...]:
        """Leads whose mean ranks: those pooled over all steps."""
        return tuple(lead for lead in self.leads if lead.startswith("avg"))

    def error(self, standing: Standing) -> float:
        """Return what ranks: the mean over those leads of the metric that ranks; NaN where there is none."""
        nothing = Figure.of(())
        means = [standing.figures.get((lead, self.metrics[0]), nothing).mean for lead in self.ranking_leads]
        return float(np.mean(means)) if means else math.nan


def boards(results: pd.DataFrame, leads: Mapping[tuple[str, str], Sequence[str]] | None = None) -> list[Board]:
    """Return a board for each task in the results, in the order in which they first appear.

    Args:
        results: rows of `bench`.
        leads: dataset and protocol -> the leads to show, of those that there are; by default 15, 30 and 60 minutes.
    """
    each_horizon = [
        "" if find_protocol(protocol).headline == "up_to" else horizon
        for protocol, horizon in zip(results["protocol"], results["horizon"], strict=True)
    ]
    grouped = results.assign(task_horizon=each_horizon).groupby([*TASK, "task_horizon"], sort=False)
    return [_board(rows, (leads or {}).get((str(key[0]), str(key[2])), ())) for key, rows in grouped]


def _board(rows: pd.DataFrame, wanted: Sequence[str]) -> Board:
    first, protocol = rows.iloc[0], str(rows["protocol"].iloc[0])
    metrics = TABLED.get(protocol, USUAL)
    there = sorted({lead for lead in rows["lead"] if lead}, key=lambda lead: (lead.startswith("avg"), minutes_of(lead)))
    at = [lead for lead in there if lead.startswith("@")]
    named = [lead for lead in at if lead in wanted] or [lead for lead in at if minutes_of(lead) in SHOWN_MINUTES]
    shown = [lead for lead in there if lead.startswith("avg") or lead in (named or at)]
    benched = rows[rows["model"] != ""]
    alike = [name for name in ASKED if name not in (*TASK, "horizon", "seed")]
    parts = [part for _, part in benched.groupby(alike, sort=False)]
    standings = [_standing(label, part, metrics) for label, part in zip(_labels(parts), parts, strict=True)]
    board = Board(
        dataset=str(first["dataset"]),
        channel=next(filter(None, rows["channel"]), ""),
        unit=next(filter(None, rows["unit"]), ""),
        protocol=protocol,
        history=str(first["history"]),
        horizons=tuple(sorted(set(rows["horizon"]), key=int)),
        leads=tuple(shown),
        metrics=metrics,
        standings=(),
        missing=next(filter(None, rows.loc[rows["model"] == "", "why"]), ""),
        origin={name: tuple(dict.fromkeys(filter(None, rows[name]))) for name in MADE_BY},
        trained={name: _models_by(rows[rows["epochs"] != ""], name) for name in (*TOLD_APART, "threads")},
    )
    return replace(board, standings=_ranked(board, standings))


def _models_by(rows: pd.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    """Return the models of each value of a column, the value of most models first."""
    found = {str(value): tuple(dict.fromkeys(part["model"])) for value, part in rows.groupby(column, sort=False)}
    return dict(sorted(((value, found[value]) for value in found if value), key=lambda item: -len(item[1])))


def _labels(parts: Sequence[pd.DataFrame]) -> list[str]:
    """Return the name of each model, with its settings, and with what else tells it from others of that name."""
    names = [
        ", ".join(filter(None, [row["model"], row["settings"], "" if row["precision"] == "32" else row["precision"]]))
        for row in (part.iloc[0] for part in parts)
    ]
    labels = []
    for name, part in zip(names, parts, strict=True):
        same = [other for other, label in zip(parts, names, strict=True) if label == name]
        differing = [what for what in TOLD_APART if len({other[what].iloc[0] for other in same}) > 1]
        labels.append(
            ", ".join([name, *(f"{what.replace('_', ' ')} {part[what].iloc[0] or 'any'}" for what in differing)])
        )
    return labels


def _standing(label: str, rows: pd.DataFrame, metrics: Sequence[str]) -> Standing:
    scored = rows[rows["why"] == ""]
    facts = ("epochs_run", "epochs_planned", "best_epoch", "seconds_per_epoch", "peak_gib", "parameters")
    return Standing(
        model=str(rows["model"].iloc[0]),
        label=label,
        figures={
            (str(lead), metric): Figure.of(part[metric])
            for lead, part in scored.groupby("lead", sort=False)
            for metric in metrics
        },
        facts={name: Figure.of(scored[name]) for name in facts},
        seeds=scored["seed"].nunique(),
        lacking=_lacking(scored),
        why="; ".join(dict.fromkeys(filter(None, rows["why"]))),
    )


def _lacking(scored: pd.DataFrame) -> str:
    """Say what the runs of a model lack to be ranked."""
    if (scored["converged"] != "yes").any():
        return "not converged"
    counts = scored["lead"].value_counts()
    return "not complete" if len(counts) and counts.min() < counts.max() else ""


def _ranked(board: Board, standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return the standings in their order, with the ranks of those that have one."""
    errors = {k: board.error(standing) for k, standing in enumerate(standings)}
    order = sorted(errors, key=lambda k: (math.isnan(errors[k]), errors[k], k))
    standings = [_complete(board, standing) for standing in standings]
    whole = [k for k in order if not standings[k].lacking and not standings[k].why]
    ranked = [replace(standings[k], rank=place) for place, k in enumerate(whole, start=1)]
    return (*ranked, *(standings[k] for k in order if k not in whole))


def _complete(board: Board, standing: Standing) -> Standing:
    """Return the standing, and whether a lead is lacking that others have."""
    there = all((lead, board.metrics[0]) in standing.figures for lead in board.leads)
    return standing if there or standing.lacking else replace(standing, lacking="not complete")


def minutes_of(lead: str) -> float:
    """Return the minutes of a lead.

    >>> minutes_of("@15 min"), minutes_of("avg<=60 min")
    (15.0, 60.0)
    """
    return float(lead.removeprefix("@").removeprefix("avg<=").removesuffix(" min"))
