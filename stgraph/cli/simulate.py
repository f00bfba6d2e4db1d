"""`stgraph simulate`: the built-in dataset as files, or speeds on made-up roads with any number of sensors."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    output: Annotated[Path, typer.Option(help="Folder to write.")] = Path("runs/synthetic"),
    days: Annotated[int, typer.Option(min=1, help="Days to simulate.")] = 28,
    seed: Annotated[int, typer.Option(help="Same seed, same traffic.")] = 0,
    sensors: Annotated[
        int | None,
        typer.Option(
            help="So many sensors on made-up roads, for tests of scale: speeds in a store, and adjacency.npz.",
            show_default="the 96 of the freeways",
        ),
    ] = None,
) -> None:
    """Simulate a freeway network; write series.npz, adjacency.csv, sensors.csv and incidents.csv."""
    from stgraph.cli.show import say
    from stgraph.datasets import network_traffic, road_network, synthetic, write_files
    from stgraph.graph import write_adjacency

    if sensors is not None:
        network = road_network(sensors, seed=seed)
        say(f"{network_traffic(network, days, seed=seed, folder=output / 'speed')}")
        write_adjacency(network.graph, output / "adjacency.npz")
        say(f"{network.graph}")
        say(f"written: {output}/ (--series {output / 'speed'} --adjacency {output / 'adjacency.npz'})")
        return
    traffic = synthetic(days, seed=seed)
    write_files(traffic, output)
    say(f"{traffic.series}")
    say(f"{traffic.graph}, {len(traffic.incidents)} incidents")
    say(f"written: {output}/")
