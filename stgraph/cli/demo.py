"""`stgraph demo`: the whole way on the built-in dataset, from a network to a dated forecast, a report and pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stgraph.cli.options import pairs

if TYPE_CHECKING:
    from stgraph.forecasting import Forecast, Forecaster
    from stgraph.series import TrafficSeries

COVERAGE, QUANTILES = 0.9, (0.05, 0.5, 0.95)


def demo(
    output: Annotated[Path, typer.Option(help="Run folder to write.")] = Path("runs/demo"),
    days: Annotated[int, typer.Option(min=3, help="Days to simulate.")] = 28,
    seed: Annotated[int, typer.Option(help="Of the traffic and of the training.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many passes.")] = 15,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value for PatchNet; repeat.")] = None,
) -> None:
    """Simulate a freeway network, train PatchNet, score it beside the baselines, forecast, draw."""
    from stgraph.cli.evaluate import show_bounds, show_errors, write
    from stgraph.cli.show import say
    from stgraph.datasets import synthetic
    from stgraph.evaluation import evaluate, fit_baselines
    from stgraph.files import check_folder
    from stgraph.forecasting import fit
    from stgraph.training import Training

    check_folder(output)
    say(f"simulating {days} days of freeway traffic (cell transmission model) ...")
    traffic = synthetic(days, seed=seed)
    say(f"{traffic.series}")
    say(f"{traffic.graph}, {len(traffic.incidents)} incidents")
    forecaster = fit(
        traffic.series,
        traffic.graph,
        "patchnet",
        training=Training(epochs=epochs, seed=seed),
        settings=pairs(settings or []),
        quantiles=QUANTILES,
        provenance={"series": f"synthetic, {days} days, seed {seed}"},
    )
    forecaster.save(output)
    models = {"patchnet": forecaster, **fit_baselines(forecaster, traffic.series)}
    scored = evaluate(models, traffic.series, progress=True)
    show_errors(scored)
    show_bounds(scored)
    future = _pictures(forecaster, traffic.series, output)
    future.write(output / "forecast.csv")
    say(f"{future}")
    files = ("forecast.csv", "forecast.html", "forecast.png", "network.png", "run.json", "tensors.safetensors")
    for path in (*(output / name for name in files), *write(scored, forecaster, output)):
        say(f"written: {path}")


def _pictures(forecaster: "Forecaster", series: "TrafficSeries", output: Path) -> "Forecast":
    """Draw the hours around the worst congestion of the test part; return the last of the forecasts drawn."""
    from stgraph import plots
    from stgraph.evaluation import busiest_step, most_changed_sensors

    hour = forecaster.task.steps_per_day // 24
    ranges = forecaster.split.ranges(series, "test")
    inside = tuple((first + 4 * hour, last - 4 * hour) for first, last in ranges if last - first > 9 * hour)
    height = busiest_step(series, inside or ranges)
    now = height + hour // 2 + 1  # queues still stand here and dissolve there
    chain = [forecaster.forecast(series.slice(None, now - k * hour), coverage=COVERAGE) for k in range(5, -1, -1)]
    future = chain[-1]
    sensors = most_changed_sensors(series, height - 3 * hour, now + hour)
    plots.save(plots.forecast(chain, series, sensors=sensors), output / "forecast.png")
    half_hour = min(hour // 2, len(future.times)) - 1
    label = f"{future.channels[0]} [{future.units[0]}] forecast for {future.local_times[half_hour]:%a %d %b %H:%M}"
    plots.save(plots.network(forecaster.graph, future.values[half_hour, :, 0], label=label), output / "network.png")
    plots.map_page(future, forecaster.graph, series, output / "forecast.html")
    return future
