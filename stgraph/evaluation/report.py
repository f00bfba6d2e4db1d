"""The report of an evaluation: a readable Markdown page and the same figures, all of them, as JSON."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.evaluation.evaluation import Evaluation
from stgraph.evaluation.markdown import markdown_table
from stgraph.files import written_whole
from stgraph.forecasting import Forecaster
from stgraph.metrics import HIGHER_IS_BETTER, INTERVAL_METRICS, METRICS
from stgraph.series import with_units

MARKDOWN, JSON = "report.md", "report.json"
MOST_SENSORS = 10
READING = (
    "Every figure comes from sums over all observed target values: none depends on a batch. `@` is one step alone; "
    "`avg<=` pools all steps up to it. Hours and sensors pool all steps. The best of each comparison is bold."
)
Pictures = Mapping[str, Mapping[int, str]]


def write_report(
    scored: Evaluation,
    forecaster: Forecaster,
    folder: str | Path,
    *,
    pictures: Pictures | None = None,
    definitions: Mapping[str, str] | None = None,
) -> tuple[Path, Path]:
    """Write ``report.md`` and ``report.json``, each whole or not at all.

    Args:
        scored: of the forecaster, which is its first model, and of others beside it.
        forecaster: what was scored: where its series came from, how it was trained.
        folder: where to write.
        pictures: ``"lead"``, ``"hour"`` or ``"sensor"`` -> number of a channel -> file name of the picture in
            `folder`, to show beside the table.
        definitions: name of a part of the targets that was scored apart -> what is in it, in words.

    Returns:
        The paths of the two files.

    Raises:
        DataError: the folder cannot be written.
    """
    facts = _facts(scored, forecaster) | _in_words(scored.parts, definitions or {})
    texts = {
        MARKDOWN: "\n\n".join(_page(scored, facts, pictures or {})),
        JSON: json.dumps(scored.to_dict() | {"about": facts}, indent=1, allow_nan=False),
    }
    for name, text in texts.items():
        with written_whole(Path(folder) / name) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    return Path(folder) / MARKDOWN, Path(folder) / JSON


def _facts(scored: Evaluation, forecaster: Forecaster) -> dict[str, str]:
    """Return what was scored, on which data, and what the figures count."""
    first, last = (f"{time:%a %Y-%m-%d %H:%M}" for time in scored.period)
    about, source = forecaster.describe(), forecaster.provenance
    where = f"where the truth is at least {scored.threshold:g} {' or '.join(dict.fromkeys(scored.units))}".rstrip()
    return {
        **{name: about[name] for name in ("model", "parameters", "trained", "forecasts", "steps", "sensors")},
        "series": about["series"] + (f", SHA-256 {sha}" if (sha := source.get("series_sha256")) else ""),
        "scored": f"the {scored.part} part, {scored.windows:,} windows",
        "targets": f"{first} to {last}, {scored.period[0].tzinfo or 'local time'}",
        **_rules(scored, source.get("protocol")),
        "left out as unobserved": _left_out(scored, source),
        "MAE, RMSE": f"in the unit of the channel: {with_units(scored.channels, scored.units)}",
        "MAPE": f"in %, {where}",
        "WAPE": "in %: the sum of absolute errors over the sum of true values",
        "R2": "1 is perfect, 0 as good as the mean of the very values that are scored",
        "EV": "explained variance: R2 of the forecast without its bias",
        "accuracy": "1 - the norm of the errors over the norm of the true values",
        **_of_bounds(scored, about["bounds"]),
    }


def _of_bounds(scored: Evaluation, rest_on: str) -> dict[str, str]:
    if scored.coverage is None:
        return {}
    missed = 2 / (1 - scored.coverage)
    return {
        "bounds": f"asked to hold {100 * scored.coverage:g} % of the true values; {rest_on}",
        "coverage": "in %: the share of the true values within the bounds",
        "interval score": f"the width, and {missed:.3g} times what a true value lies outside; the least is best",
    }


def _left_out(scored: Evaluation, source: Mapping[str, Any]) -> str:
    if scored.protocol is not None and scored.protocol.scaling.zeros_are_values:
        return "nothing: what is empty or marked so in the series counts as a true 0"
    missing = [f"every {value:g}" for value in source.get("read", {}).get("missing", [])]
    return " and ".join(["what is empty or marked so in the series", *missing])


def _rules(scored: Evaluation, fitted_by: str | None) -> dict[str, str]:
    """Return the protocol, spelled out; what it says of MAPE stands with the threshold that was used."""
    if scored.protocol is None:
        return {}
    said = {name: text for name, text in scored.protocol.describe().items() if name != "MAPE"}
    return said | {"fitted under": fitted_by or "rules of its own"}


def _in_words(parts: Iterable[str], definitions: Mapping[str, str]) -> dict[str, str]:
    return {f"part {part}": definitions.get(part, "as given") for part in parts}


def _page(scored: Evaluation, facts: Mapping[str, str], pictures: Pictures) -> list[str]:
    page = [
        f"# {scored.model} on the {scored.part} part",
        markdown_table(("what", "value"), facts.items()),
        READING,
    ]
    for c, name in enumerate(scored.channels):
        page += [f"## {with_units((name,), scored.units[c : c + 1])}", *_channel(scored, c, pictures)]
    return page


def _channel(scored: Evaluation, c: int, pictures: Pictures) -> list[str]:
    table = scored.errors[scored.model]
    found, of = table.count[:, c].sum(), scored.windows * len(scored.lead_minutes) * len(scored.sensors)
    leads = [f"@{minutes:g} min" for minutes in scored.lead_minutes]
    hours = [f"{hour:02d}:00 to {hour:02d}:59" for hour in range(24)]
    sections = {
        "lead": ("at every lead", _mae_by("lead", leads, {n: t.at for n, t in scored.errors.items()}, c)),
        "hour": ("by hour of the day", _mae_by("hour", hours, {n: t.per_hour for n, t in scored.errors.items()}, c)),
        **({"part": ("on parts of the targets", _parts(scored, c))} if scored.parts else {}),
        "sensor": ("of the worst and best sensors", _sensors(scored, c)),
    }
    page = [f"{found:,.0f} of {of:,} target values were observed ({found / of:.1%}).", _glance(scored, c)]
    if scored.coverage is not None:
        page += [f"### Bounds that should hold {100 * scored.coverage:g} %", _bounds(scored, c)]
    for kind, (title, text) in sections.items():
        page.append(f"### {with_units(('MAE',), scored.units[c : c + 1])} {title}")
        if picture := pictures.get(kind, {}).get(c):
            page.append(f"![MAE {title}]({picture})")
        page.append(text)
    return page


def _glance(scored: Evaluation, c: int) -> str:
    """Return the errors at the leads shown, the models beside each other."""
    table = scored.summary()
    table = table[table["channel"] == scored.channels[c]]
    rows = []
    for lead, group in table.groupby("lead", sort=False):
        errors = [_bold_best(group[metric], highest=metric in HIGHER_IS_BETTER) for metric in METRICS]
        rows += [(lead, *cells) for cells in zip(group["model"], *errors, strict=True)]
    unit = scored.units[c]
    units = {"MAE": unit, "RMSE": unit, "MAPE": "%", "WAPE": "%"}
    columns = [with_units((metric,), (units.get(metric, ""),)) for metric in METRICS]
    return markdown_table(("lead", "model", *columns), rows, numbers=len(METRICS))


def _bounds(scored: Evaluation, c: int) -> str:
    """Return what the bounds came to: of all models at the leads shown, then of the one reported on at every lead."""
    alone = scored.to_dataframe()
    tables = [_scores(scored.summary(), scored, c)]
    if scored.model in scored.intervals:
        tables.append(_scores(alone[alone["model"] == scored.model], scored, c))
    return "\n\n".join(tables)


def _scores(table: pd.DataFrame, scored: Evaluation, c: int) -> str:
    table = table[(table["channel"] == scored.channels[c]) & table["model"].isin(list(scored.intervals))]
    rows = []
    for lead, group in table.groupby("lead", sort=False):
        covered = ["-" if math.isnan(share) else f"{100 * share:.1f}" for share in group["coverage"]]
        cells = (group["model"], covered, map(_spell, group["width"]), _bold_best(group["interval_score"]))
        rows += [(str(lead), *row) for row in zip(*cells, strict=True)]
    units = ("%", scored.units[c], scored.units[c])
    columns = [
        with_units((name.replace("_", " "),), (unit,)) for name, unit in zip(INTERVAL_METRICS, units, strict=True)
    ]
    return markdown_table(("lead", "model", *columns), rows, numbers=len(columns))


def _mae_by(by: str, labels: Sequence[str], tables: Mapping[str, Mapping[str, NDArray[np.float64]]], c: int) -> str:
    """Return a row a label, a column a model, and how many values that counts, from metric -> (labels, C)."""
    counts = next(iter(tables.values()))["count"][:, c]
    rows = [
        (label, *_bold_best(table["MAE"][k, c] for table in tables.values()), f"{counts[k]:,.0f}")
        for k, label in enumerate(labels)
    ]
    return markdown_table((by, *tables, "values"), rows, numbers=len(tables) + 1)


def _parts(scored: Evaluation, c: int) -> str:
    """Return the MAE on each part at the leads shown and on average, and the share that is of all observed values."""
    table, of = scored.per_part(), scored.errors[scored.model].count[:, c]
    totals = dict(zip(scored.leads, (*of, of.sum()), strict=True))
    rows = []
    for key, group in table[table["channel"] == scored.channels[c]].groupby(["part", "lead"], sort=False):
        part, lead = map(str, key)
        count, total = group["count"].iloc[0], totals[lead]
        share = f"{count / total:.1%}" if total else "-"
        rows.append((part, lead, *_bold_best(group["MAE"]), f"{count:,.0f}", share))
    return markdown_table(("part", "lead", *scored.errors, "values", "of all"), rows, numbers=len(scored.errors) + 2)


def _sensors(scored: Evaluation, c: int) -> str:
    """Return the worst and the best sensors; none is in both tables."""
    rival = scored.rival(c)
    ranked = scored.worst_sensors(c)
    counts = pd.Series(scored.errors[scored.model].per_sensor["count"][:, c], index=scored.sensors)
    most = min(MOST_SENSORS, -(-len(ranked) // 2))
    page = [f"{rival} is the best of the others over all sensors."] if rival else []
    if silent := [sensor for sensor, count in counts.items() if not count]:
        named = ", ".join([*map(str, silent[:MOST_SENSORS]), *(["..."] if len(silent) > MOST_SENSORS else [])])
        page.append(f"Never observed, and left out: {len(silent)} of {len(scored.sensors)} ({named}).")
    for title, some in (("worst", ranked[:most]), ("best", ranked[most:].iloc[::-1][:MOST_SENSORS])):
        rows = [(name, *_bold_best(maes), f"{counts[name]:,.0f}") for name, *maes in some.itertuples()]
        if rows:
            page.append(markdown_table((title, *ranked.columns, "values"), rows, numbers=len(ranked.columns) + 1))
    return "\n\n".join(page)


def _bold_best(errors: Iterable[float], *, highest: bool = False) -> list[str]:
    """Spell errors, the least of several in bold, or the highest where that is best; "-" for none."""
    values = [float(error) for error in errors]
    known = [value for value in values if not math.isnan(value)]
    best = (max if highest else min)(known, default=math.nan)
    return [f"**{_spell(v)}**" if v == best and len(values) > 1 else _spell(v) for v in values]


def _spell(value: float) -> str:
    """Spell an error with three decimals, or three digits where it is small.

    >>> _spell(12.34567), _spell(0.0012345), _spell(float("nan"))
    ('12.346', '0.00123', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{value:.3f}" if abs(value) >= 1 or not value else f"{value:#.3g}"
