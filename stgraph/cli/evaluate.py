"""`stgraph evaluate`: the errors of a run beside the baselines, as tables, pictures and a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stgraph.evaluation import Evaluation
    from stgraph.forecasting import Forecaster

SHOWN_SENSORS = 5
NAMES = {"lead": "error_by_lead", "hour": "hours", "sensor": "sensors"}
ROLES = {
    "train": "that it was trained on",
    "validation": "that trained nothing",
    "test": "never seen in training or selection",
}


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    series: Annotated[
        Path | None,
        typer.Option(help="Where the file (or data folder) that was fitted on is now. Default: where it was."),
    ] = None,
    part: Annotated[str, typer.Option(help="Part to score: train, validation or test.")] = "test",
    protocol: Annotated[
        str | None, typer.Option(help="Rules to score by: clean, or a published one. Default: those of the fit.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Smallest true value that MAPE counts, in its unit. Default: the protocol's.")
    ] = None,
    coverage: Annotated[float, typer.Option(min=0.5, max=0.99, help="Share that bounds should hold.")] = 0.9,
    output: Annotated[Path | None, typer.Option(help="Folder for the report. Default: RUN/evaluation.")] = None,
) -> None:
    """Score a run beside the baselines, by lead, hour and sensor; write a report with pictures."""
    from stgraph.cli.show import say, show_rules
    from stgraph.evaluation import check_part, find_protocol, fit_baselines
    from stgraph.evaluation import evaluate as score
    from stgraph.evaluation.evaluate import alike
    from stgraph.evaluation.hard_parts import PEAK, abrupt_changes, describe_abrupt, peak_hours
    from stgraph.files import check_folder
    from stgraph.forecasting import load, reopen_series

    scored_part = check_part(part)
    forecaster = load(run)
    alike({str(run): forecaster})  # a refitted one is refused before baselines are fitted
    fitted_by = forecaster.provenance.get("protocol")
    chosen = protocol or fitted_by
    rules = None if chosen is None else find_protocol(chosen)
    folder = check_folder(output or run / "evaluation")
    whole = reopen_series(forecaster.provenance, series)
    say(f"{whole}")
    if rules is not None:
        show_rules(rules, fitted_by)
    say("fitting the baselines, then scoring ...")
    models = {forecaster.model.name: forecaster, **fit_baselines(forecaster, whole, rules)}
    channel = whole.channels.index(forecaster.channels[0])
    parts = {"peak": peak_hours(whole), "abrupt": abrupt_changes(whole, channel)}
    how: dict[str, Any] = {"threshold": threshold, "protocol": rules, "coverage": coverage}
    scored = score(models, whole, scored_part, parts=parts, progress=True, **how)
    show_errors(scored)
    show_bounds(scored)
    _show_parts(scored)
    _show_sensors(scored)
    definitions = {"peak": PEAK, "abrupt": describe_abrupt(whole, channel)}
    for path in write(scored, forecaster, folder, definitions=definitions):
        say(f"written: {path}")


def show_errors(scored: "Evaluation") -> None:
    """Print the errors at the leads shown and on average, a table a channel."""
    from stgraph.cli.show import show_table

    summary, columns = scored.summary(), ["model", "lead", "MAE", "RMSE", "MAPE"]
    for channel, unit in zip(scored.channels, scored.units, strict=True):
        role = "that chose the epoch" if scored.part == scored.selection else ROLES[scored.part]
        title = f"errors of {channel} on the {scored.part} part: {scored.windows} windows {role}"
        units = f"{unit}; MAPE in %, where the truth is at least {scored.threshold:g} {unit}"
        rows = summary.loc[summary["channel"] == channel, columns]
        show_table(f"{title} ({units})", columns, rows.itertuples(index=False))


def show_bounds(scored: "Evaluation") -> None:
    """Print what the bounds came to, on average over all leads, a table a channel; nothing where there are none."""
    from stgraph.cli.show import show_table

    if scored.coverage is None:
        return
    table = scored.summary()
    table = table[(table["lead"] == scored.leads[-1]) & table["model"].isin(list(scored.intervals))]
    for channel, unit in zip(scored.channels, scored.units, strict=True):
        rows = table.loc[table["channel"] == channel, ["model", "coverage", "width", "interval_score"]]
        title = f"bounds of {channel} that should hold {100 * scored.coverage:g} %, {scored.leads[-1]} ({unit})"
        show_table(title, ["model", "coverage", "width", "interval score"], rows.itertuples(index=False))


def _show_parts(scored: "Evaluation") -> None:
    from stgraph.cli.show import show_table

    table = scored.per_part()
    table = table[table["lead"] == scored.leads[-1]]
    for channel, unit in zip(scored.channels, scored.units, strict=True):
        rows = table[table["channel"] == channel].pivot(index="part", columns="model", values="MAE")
        rows = rows.loc[list(scored.parts), list(scored.errors)]
        title = f"MAE of {channel} ({unit}), {scored.leads[-1]}, on the hard parts that the report defines"
        show_table(title, ["part", *rows.columns], rows.itertuples())


def _show_sensors(scored: "Evaluation") -> None:
    from stgraph.cli.show import show_table

    for c, (channel, unit) in enumerate(zip(scored.channels, scored.units, strict=True)):
        worst = scored.worst_sensors(c).head(SHOWN_SENSORS)
        show_table(f"worst sensors, MAE of {channel} ({unit})", ["sensor", *worst.columns], worst.itertuples())


def write(
    scored: "Evaluation", forecaster: "Forecaster", folder: Path, *, definitions: "Mapping[str, str] | None" = None
) -> list[Path]:
    """Write the pictures and, when they are there, the report that shows them; return their paths."""
    from stgraph.evaluation import write_report

    pictures = {kind: _draw(scored, kind, folder) for kind in NAMES}
    report = write_report(scored, forecaster, folder, pictures=pictures, definitions=definitions)
    return [*report, *(folder / name for by_channel in pictures.values() for name in by_channel.values())]


def _draw(scored: "Evaluation", kind: str, folder: Path) -> dict[int, str]:
    """Draw one kind of picture for each channel that was observed; return their file names."""
    from stgraph import plots

    names = {}
    for c, unit in enumerate(scored.units):
        if not scored.errors[scored.model].count[:, c].any():
            continue
        if kind == "sensor":
            worst = scored.worst_sensors(c)
            maes = {str(n): column.tolist() for n, column in worst.items()}
            figure = plots.error_by_sensor(maes, list(worst.index), unit=unit)
        elif kind == "hour":
            hours = {n: table.per_hour["MAE"][:, c].tolist() for n, table in scored.errors.items()}
            figure = plots.error_by_hour(hours, unit=unit)
        else:
            leads = {n: table.at["MAE"][:, c].tolist() for n, table in scored.errors.items()}
            figure = plots.error_by_lead(leads, scored.lead_minutes.tolist(), unit=unit)
        names[c] = f"{NAMES[kind]}{f'_{c + 1}' if c else ''}.png"
        plots.save(figure, folder / names[c])
    return names
