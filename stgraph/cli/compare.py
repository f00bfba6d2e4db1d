"""`stgraph compare`: is one run better than another, or was it lucky?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stgraph.evaluation.comparison import Comparison


def compare(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    other: Annotated[Path, typer.Argument(help="Run folder of the same series, channels, steps and split.")],
    series: Annotated[
        Path | None, typer.Option(help="Where the very file that was fitted on is now. Default: where it was.")
    ] = None,
    part: Annotated[str, typer.Option(help="Part to score: train, validation or test.")] = "test",
    metric: Annotated[str, typer.Option(help="MAE or RMSE.")] = "MAE",
    seed: Annotated[int, typer.Option(help="Of the days that the intervals draw.")] = 0,
    output: Annotated[Path | None, typer.Option(help="Folder for compare.json and compare.png.")] = None,
) -> None:
    """Say whether a run is better than another: difference, interval over days and Diebold-Mariano test."""
    from stgraph.cli.show import say
    from stgraph.evaluation import check_part
    from stgraph.evaluation.compare import compare as compare_forecasters
    from stgraph.evaluation.compare import reopen_common_series
    from stgraph.evaluation.comparison import check_metric
    from stgraph.files import check_folder
    from stgraph.forecasting import load

    scored_part, scored_metric = check_part(part), check_metric(metric)
    if output is not None:
        check_folder(output)
    one, two = load(run), load(other)
    whole = reopen_common_series(one, two, series)
    say(f"{whole}")
    alike = one.model.name == two.model.name
    names = (run.resolve().name, other.resolve().name) if alike else (one.model.name, two.model.name)
    found = compare_forecasters(
        one, two, whole, scored_part, metric=scored_metric, names=names, seed=seed, progress=True
    )
    _show(found)
    if output is not None:
        for path in write(found, (run, other), output):
            say(f"written: {path}")


def _show(found: "Comparison") -> None:
    """Print the differences at the leads shown and on average, a table a channel, and what they mean."""
    from stgraph.cli.show import say, show_table

    columns = ("lead", "one", "other", "one - other", f"{found.level} interval", "DM test")
    which = f"one = {found.names[0]}, other = {found.names[1]}"
    shown = set(found.summary()["lead"])
    for average in found.averages:
        unit = f" ({average.unit})" if average.unit else ""
        scope = f"the {found.part} part, {average.windows:,} windows over {average.spelled_days}"
        rows = [
            (row.lead, row.one, row.other, row.difference, f"{row.low:.3f} to {row.high:.3f}", row.spelled_p)
            for row in found.differences
            if row.channel == average.channel and row.lead in shown
        ]
        show_table(f"{found.metric} of {average.channel}{unit}: {which}; {scope}", columns, rows)
    say(found.describe())


def write(found: "Comparison", runs: tuple[Path, Path], folder: Path) -> list[Path]:
    """Write everything as JSON, and a picture for each channel; return their paths."""
    import json

    from stgraph import plots
    from stgraph.files import written_whole

    paths = [folder / "compare.json"]
    text = json.dumps({"runs": [str(run) for run in runs], **found.to_dict()}, indent=1, allow_nan=False)
    with written_whole(paths[0]) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    for k, average in enumerate(found.averages):
        leads = [row for row in found.differences if row.channel == average.channel and not row.pooled]
        figure = plots.difference_by_lead(
            [(row.difference, row.low, row.high) for row in leads],
            [row.minutes for row in leads],
            names=found.names,
            pooled=(average.difference, average.low, average.high),
            metric=f"{found.metric} of {average.channel}",
            unit=average.unit,
            below=f"{found.level} interval over {average.spelled_days}",
        )
        paths.append(plots.save(figure, folder / f"compare{f'_{k + 1}' if k else ''}.png"))
    return paths
