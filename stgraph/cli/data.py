"""`stgraph data`: the datasets that are known, their facts, and their files."""

from pathlib import Path
from typing import Annotated

import typer

from stgraph.cli.options import DataDir

app = typer.Typer(help="Known datasets: list them, say what is known of one, fetch its files.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A name from `stgraph data list`.")]


@app.command("list")
def list_datasets(data_dir: DataDir = None) -> None:
    """List the datasets: what they measure, where and when, and whether their files are here."""
    from stgraph.cli.show import say, show_table
    from stgraph.datasets import DATASETS, data_folder

    folder = data_folder(data_dir)
    rows = []
    for name, source in DATASETS.items():
        facts = source.facts
        days = f"{facts.first} to {facts.last}"
        rows.append([name, facts.measured, facts.sensors, facts.steps, facts.interval, days, _state(name, folder)])
    show_table("datasets", ("name", "measured", "sensors", "steps", "interval", "period", "files"), rows)
    say(f"data folder: {folder}")
    say("an unverified address is one that nobody has tried yet; what it gives is checked wherever a digest is known")


@app.command()
def info(name: Name, data_dir: DataDir = None) -> None:
    """Say what is known of a dataset: facts, terms, what to cite, files and where they come from."""
    from stgraph.cli.show import say, show_table
    from stgraph.datasets import data_folder, find_dataset, locate

    facts = find_dataset(name).facts
    show_table(name, ("what", "fact"), facts.describe().items())
    folder = data_folder(data_dir)
    there = locate(facts, folder)
    for role, files in facts.roles.items():
        say(f"{role}{'' if files[0].needed else ', if there'}: {there.get(role) or f'not in {folder}'}")
        for file in files:
            say(f"  {file.path}{'' if file.size is None else f', {file.size:,} bytes'}")
            for address in file.addresses:
                say(f"    {address}{f', read in {address.source}' if address.source else ''}")


@app.command()
def fetch(name: Name, data_dir: DataDir = None) -> None:
    """Fetch the files of a dataset that are not here yet; what was cut off goes on where it was."""
    from stgraph.cli.show import say
    from stgraph.datasets import fetch as fetch_files
    from stgraph.datasets import find_dataset

    facts = find_dataset(name).facts
    say(f"terms: {facts.licence}")
    fetch_files(name, data_dir, progress=True, report=say)
    say(f"{name}: complete (stgraph fit --dataset {name})")


@app.command()
def path(
    name: Annotated[str | None, typer.Argument(help="A name from `stgraph data list`.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Print the data folder, or where in it the files of a dataset are or belong, one a line."""
    from stgraph.cli.show import say
    from stgraph.datasets import data_folder, find_dataset, locate

    folder = data_folder(data_dir)
    if name is None:
        say(f"{folder}")
        return
    facts = find_dataset(name).facts
    there = locate(facts, folder)
    for role, files in facts.roles.items():
        say(f"{there.get(role, folder / files[0].path)}")


def _state(name: str, folder: Path) -> str:
    """Say in a word how a dataset can be had."""
    from stgraph.datasets import find_dataset, locate

    facts = find_dataset(name).facts
    there = locate(facts, folder)
    if all(role in there or not files[0].needed for role, files in facts.roles.items()):
        return "here" if facts.files else "none needed"
    needed = [files for files in facts.roles.values() if files[0].needed]
    if facts.login or not all(any(file.addresses for file in files) for files in needed):
        return "by hand"
    tried = all(address.verified for files in needed for address in files[0].addresses)
    return "fetch" if tried else "fetch (unverified)"
