"""The table of a benchmark, in Markdown: our figures, ranked, and apart from them what others published."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from stgraph.evaluation.bench_standings import Board, Figure, Standing, boards
from stgraph.evaluation.convergence import RULE
from stgraph.evaluation.markdown import markdown_table
from stgraph.evaluation.published import KINDS, published
from stgraph.metrics import HIGHER_IS_BETTER

UNKNOWN: Final = "-"
SHARES: Final = ("accuracy", "R2", "EV")


def bench_table(results: pd.DataFrame, others: pd.DataFrame | None = None, *, level: int = 3) -> str:
    """Return a section for each task in the results: our models, ranked, and apart from them what others published.

    What others published stands there only under the same dataset and protocol, is never ranked with ours, and keeps
    the digits of its source. A model that had not converged is shown without a rank, one that could not do the task
    says why, and a dataset that was not there says what to do.

    Args:
        results: rows of `bench`.
        others: rows of `published`; None = those of this library.
        level: of the headings.
    """
    others = published() if others is None else others
    leads: dict[tuple[str, str], list[str]] = {}
    for dataset, protocol, lead in others[["dataset", "protocol", "lead"]].itertuples(index=False, name=None):
        leads.setdefault((dataset, protocol), []).append(lead)
    return "\n\n".join(section for board in boards(results, leads) for section in _sections(board, others, level))


def _sections(board: Board, others: pd.DataFrame, level: int) -> list[str]:
    page = [f"{'#' * level} {board.dataset}{f' {board.channel}' if board.channel else ''}, {board.rules}"]
    if not board.standings:
        return [*page, f"Not measured: {board.missing}."]
    page += [_legend(board), _ours(board), _notes(board)]
    mine = others[others["dataset"] == board.dataset]
    same = mine[(mine["protocol"] == board.protocol) & mine["horizon"].isin(board.horizons)]
    same = same[same["lead"].isin(board.leads)]
    for key, part in same.groupby(["kind", "source", "link", "history"], sort=False):
        kind, source, link, history = map(str, key)
        said = f"{KINDS[kind]}; protocol {board.protocol}, {f'{history} steps in' if history else 'steps in not told'}"
        page += [f"{'#' * (level + 1)} Not ours: {source}", f"[Source]({link}), {said}:", _theirs(board, part)]
    if len(mine) and board.protocol not in set(mine["protocol"]):
        protocols = " and ".join(dict.fromkeys(mine["protocol"]))
        page.append(f"Others published figures on {board.dataset} under {protocols}: not to be compared with these.")
    return page


def _legend(board: Board) -> str:
    units = {"MAE": board.unit, "RMSE": board.unit, "MAPE": "%"}
    named = " / ".join(f"{m} [{units[m]}]" if units.get(m) else m for m in board.metrics)
    return f"{named}, the best of each bold; over several seeds the mean, and the range of {board.metrics[0]}."


def _ours(board: Board) -> str:
    """Return our table."""
    columns = ("rank", "model", *board.leads, "seeds", "epochs", "s an epoch", "GiB", "parameters")
    best = {
        (lead, metric): (max if metric in HIGHER_IS_BETTER else min)(
            (s.figures[lead, metric].mean for s in board.standings if s.rank and (lead, metric) in s.figures),
            default=math.nan,
        )
        for lead in board.leads
        for metric in board.metrics
    }
    rows = [_row(board, standing, best) for standing in board.standings]
    return markdown_table(columns, rows, numbers=5)


def _row(board: Board, standing: Standing, best: dict[tuple[str, str], float]) -> list[str]:
    facts = standing.facts
    cells = [_cell(board, standing, lead, best) for lead in board.leads]
    name = f"{standing.label} ({standing.lacking})" if standing.lacking and not standing.why else standing.label
    if standing.why:
        cells[:1] = [f"{'' if cells[0] == UNKNOWN else cells[0]} cannot: {standing.why}".strip()]
    epochs = _range(facts["epochs_run"])
    return [
        UNKNOWN if standing.rank is None else f"{standing.rank}",
        name,
        *cells,
        f"{standing.seeds}",
        epochs if epochs == UNKNOWN else f"{epochs} of {_range(facts['epochs_planned'])}",
        _spell(facts["seconds_per_epoch"].mean, "seconds"),
        UNKNOWN if math.isnan(facts["peak_gib"].high) else f"{facts['peak_gib'].high:.1f}",
        UNKNOWN if math.isnan(facts["parameters"].high) else f"{facts['parameters'].high:,.0f}",
    ]


def _cell(board: Board, standing: Standing, lead: str, best: dict[tuple[str, str], float]) -> str:
    """Return the figures of a model at a lead, with the range of the first one where there are several seeds."""
    texts = []
    for metric in board.metrics:
        figure = standing.figures.get((lead, metric))
        if figure is None:
            return UNKNOWN
        text = _spell(figure.mean, metric)
        if standing.rank and figure.mean == best[lead, metric]:
            text = f"**{text}**"
        if metric == board.metrics[0] and figure.low < figure.high:
            text += f" ({_spell(figure.low, metric)} to {_spell(figure.high, metric)})"
        texts.append(text)
    return " / ".join(texts)


def _notes(board: Board) -> str:
    """Return by what is ranked, what the rest is, and what made the figures."""
    leads = " and ".join(board.ranking_leads)
    origin = board.origin
    how = [f"{name.replace('_', ' ')} {_most_and_rest(models)}" for name, models in board.trained.items() if models]
    by = [f"commit {' and '.join(origin['commit']) or 'unknown'}", *origin["machine"]]
    by += [device for device in origin["device"] if device != "cpu"]
    windows = " or ".join(f"{int(count):,}" for count in origin["windows"])
    lines = [f"Ranked by {board.metrics[0]} {leads}, of {windows} windows."]
    if any(standing.facts["epochs_run"].high > 0 for standing in board.standings):
        lines += [f"{RULE}; what had not has no rank.", f"Training options: {'; '.join(how)}."]
    return " ".join([*lines, f"Made by {', '.join(by)}, torch {' and '.join(origin['torch'])}."])


def _most_and_rest(models: Mapping[str, Sequence[str]]) -> str:
    """Spell what most models were trained with, and then which ones with what else.

    >>> _most_and_rest({"64": ("gru", "stid"), "16": ("gman",)}), _most_and_rest({"64": ("gru",)})
    ('64 (16: gman)', '64')
    """
    (most, _), *rest = models.items()
    others = "; ".join(f"{value}: {', '.join(names)}" for value, names in rest)
    return f"{most} ({others})" if others else most


def _theirs(board: Board, rows: pd.DataFrame) -> str:
    """Return the table of one source, a row for each of its models."""
    lines = []
    for key, part in rows.groupby(["model", "note"], sort=False):
        model, note = map(str, key)
        figures = part.set_index("lead")
        lines.append((model, *(_printed(figures, lead, board.metrics) for lead in board.leads), note))
    return markdown_table(("model", *board.leads, "note"), lines)


def _printed(figures: pd.DataFrame, lead: str, metrics: Sequence[str]) -> str:
    if lead not in figures.index:
        return UNKNOWN
    return " / ".join(str(figures.loc[lead, metric]) or UNKNOWN for metric in metrics)


def _range(figure: Figure) -> str:
    """Spell numbers of epochs over seeds.

    >>> _range(Figure(9.5, 9, 10)), _range(Figure(9, 9, 9)), _range(Figure.of(["0.6412"])), _range(Figure.of(()))
    ('9 to 10', '9', '0.64', '-')
    """
    if math.isnan(figure.mean):
        return UNKNOWN
    ends: Iterable[float] = dict.fromkeys((figure.low, figure.high))
    return " to ".join(f"{end:.0f}" if end >= 1 else f"{end:.2f}" for end in ends)


def _spell(value: float, metric: str) -> str:
    """Spell an error with three decimals, two from 10 on; a share with four.

    >>> _spell(1.47749, "MAE"), _spell(12.3456, "MAE"), _spell(0.91274, "accuracy"), _spell(math.nan, "MAE")
    ('1.477', '12.35', '0.9127', '-')
    """
    if math.isnan(value):
        return UNKNOWN
    decimals = 4 if metric in SHARES else 3 if abs(value) < 10 else 2
    return f"{value:.{decimals}f}"
