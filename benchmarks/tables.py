"""Write the tables of the README and of docs/ from the results beside this file.

Run: python -m benchmarks.tables
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.accuracy import SETS, file_of
from benchmarks.plan import plans, spelled
from benchmarks.record import RESULTS
from stgraph.evaluation import PROTOCOLS, bench_table, published, read_results
from stgraph.files import written_whole

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("benchmarks", "protocols", "speed", "many-machines", "large-networks")),
)


def _made_by(table: pd.DataFrame) -> str:
    """Return the commits and the machines that made the rows of a table."""
    commits, machines = (" and ".join(dict.fromkeys(table[column])) for column in ("commit", "machine"))
    return f"Commit {commits}, {machines}"


def space_matters() -> str:
    """Return MAE by model and lead, the mean over seeds, and their range where there are several."""
    table = pd.read_csv(RESULTS / "space_matters.csv")
    leads = list(dict.fromkeys(table["lead"]))
    lines = [f"| MAE, {table['unit'].iloc[0]} | {' | '.join(leads)} |", "| --- |" + " --- |" * len(leads)]
    for model in dict.fromkeys(table["model"]):
        cells = [_cell(table[(table["model"] == model) & (table["lead"] == lead)]["MAE"]) for lead in leads]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    lines.append("")
    lines.append(f"{_made_by(table)}.")
    return "\n".join(lines)


def _cell(values: pd.Series) -> str:
    mean = f"{values.mean():.2f}"
    return mean if len(values) == 1 else f"{mean} ({values.min():.2f} to {values.max():.2f})"


def loader() -> str:
    """Return the loader's speed by batch size."""
    table = pd.read_csv(RESULTS / "loader.csv")
    lines = ["| batch size | windows a second | memory beside the series |", "| --- | --- | --- |"]
    lines += [
        f"| {size} | {speed:,.0f} | {share:.1%} |"
        for size, speed, share in zip(
            table["batch_size"], table["windows_per_s"], table["beside_the_series_share"], strict=True
        )
    ]
    return "\n".join(lines)


def protocols() -> str:
    """Return what each protocol makes of one and the same forecast."""
    table = pd.read_csv(RESULTS / "protocols.csv", keep_default_na=False)
    lines = [
        f"| protocol | windows | figure at | MAE, {table['unit'].iloc[0]} | RMSE | MAPE, % | R2 |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in table.to_dict(orient="records"):
        figures = " | ".join(f"{row[name]:.3f}" for name in ("MAE", "RMSE", "MAPE", "R2"))
        lines.append(f"| {row['protocol']} | {row['windows']:,} | {row['lead']} | {figures} |")
    lines += ["", f"{_made_by(table)}."]
    return "\n".join(lines)


def rules() -> str:
    """Return what each protocol is."""
    said = {name: protocol.describe() for name, protocol in PROTOCOLS.items()}
    lines = [f"| | {' | '.join(said)} |", "| --- |" + " --- |" * len(said)]
    lines += [f"| {what} | {' | '.join(each[what] for each in said.values())} |" for what in said["clean"]]
    return "\n".join(lines)


def speed() -> str:
    """Return the seconds of a step of each model, beside foreign code and what the machine could do."""
    table = pd.concat(
        [
            pd.read_csv(RESULTS / f"{name}.csv", dtype={"precision": str})
            for name in ("speed-cpu", "speed-cpu-staeformer")
        ]
    )
    lines = ["| model | parameters | fp32, s a step | floor | bf16 | forecast | memory, GiB | foreign code, fp32 |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    kept, rows = table[table["memory"] == "kept"], table.to_dict(orient="records")
    one = {kind: kept[kept["precision"] == kind].set_index("model") for kind in ("32", "bf16")}
    foreign = {(row["model"], row["precision"]): row for row in rows if isinstance(row["reference"], str)}
    for model in one["32"].sort_values("step_s").index:
        row = one["32"].loc[model]
        pairs = [foreign[model, kind] for kind in ("32", "bf16") if (model, kind) in foreign]
        times = " and ".join(f"{pair['times_as_fast']:.1f}" for pair in pairs)
        other = f"{pairs[0]['reference_step_s']:.3g} s, {times} times" if pairs else ""
        cells = [f"{row['parameters']:,.0f}"]
        cells += [
            f"{row['step_s']:.3g}",
            f"{row['floor_of_operations_s']:.2g}",
            f"{one['bf16'].loc[model, 'step_s']:.3g}",
        ]
        cells += [f"{row['forecast_s']:.2g}", f"{row['peak_gib']:.1f}", other]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    peaks = table["gflop"] / table["floor_of_operations_s"]
    fp32, bf16 = (f"{peaks[table['precision'] == kind].median():.0f}" for kind in ("32", "bf16"))
    reached = f"peak measured there: {fp32} GFLOP/s in fp32, {bf16} in bf16"
    lines += ["", f"{_made_by(table)}; {reached}."]
    return "\n".join(lines)


def latency() -> str:
    """Return how long one waits for the library to start, and for one forecast."""
    table = pd.read_csv(RESULTS / "latency.csv")
    lines = ["| | ms |", "| --- | ---: |"]
    lines += [f"| {what} | {ms:.1f} |" for what, ms in zip(table["what"], table["median_ms"], strict=True)]
    return "\n".join([*lines, "", f"{_made_by(table)}."])


def precision() -> str:
    """Return the errors of the same fit in fp32 and in bf16."""
    table = pd.read_csv(RESULTS / "precision.csv")
    leads = list(dict.fromkeys(table["lead"]))
    lines = [
        f"| MAE, {table['unit'].iloc[0]} | epochs | | {' | '.join(leads)} |",
        "| --- | ---: | --- |" + " ---: |" * len(leads),
    ]
    for (model, kind, epochs), part in table.groupby(["model", "precision", "epochs"], sort=False):
        cells = " | ".join(f"{part.set_index('lead')['MAE'][lead]:.3f}" for lead in leads)
        lines.append(f"| {model} | {epochs} | {'fp32' if str(kind) == '32' else kind} | {cells} |")
    return "\n".join([*lines, "", f"{_made_by(table)}."])


def plan() -> str:
    """Return what a million sensors cost to train."""
    table = pd.read_csv(RESULTS / "plan.csv")
    return f"{spelled(plans(table))}\n\n{_made_by(table)}."


def _listed(name: str, **columns: tuple[str, str]) -> str:
    """Return some columns of a file of results, column -> (heading, format of its numbers; "" = text), row by row."""
    table = pd.read_csv(RESULTS / f"{name}.csv")
    lines = [f"| {' | '.join(heading for heading, _ in columns.values())} |"]
    lines.append(f"| {' | '.join('---:' if form else '---' for _, form in columns.values())} |")
    for row in table.to_dict("records"):
        cells = ["" if pd.isna(row[column]) else f"{row[column]:{form}}" for column, (_, form) in columns.items()]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{_made_by(table)}."])


def scale() -> str:
    """Return what networks of any size take, on patches and as a whole."""
    return _listed(
        "scale",
        sensors=("sensors", ",.0f"),
        steps=("steps", ",.0f"),
        series_gb=("series, GB", ".2f"),
        way=("trained on", ""),
        sensors_in_batch=("sensors in a batch", ",.0f"),
        step_s=("s a step", ".2f"),
        epoch_h=("h an epoch", ".2f"),
        peak_gb=("peak, GB", ".1f"),
        forecast_s=("forecast of all, s", ".2f"),
    )


def memory() -> str:
    """Return the memory that a dry run says beside that of the fit."""
    return _listed(
        "memory",
        model=("model", ""),
        sensors=("sensors", ","),
        patches=("patches", ""),
        batch_size=("windows", "d"),
        read_mib=("read, MiB", ",.0f"),
        estimate_mib=("dry run", ",.0f"),
        fit_mib=("fit", ",.0f"),
        fit_over_estimate=("fit over dry run", ".2f"),
        growth_over_estimate=("growth", ".2f"),
    )


def year() -> str:
    """Return the memory of a training over a year, as it goes on."""
    return _listed(
        "year",
        during=("during", ""),
        steps=("steps", ".0f"),
        own_gb=("memory of its own, GB", ".2f"),
        files_gb=("pages of files, GB", ".2f"),
        peak_gb=("at most so far, GB", ".2f"),
    )


def accuracy(name: str) -> str:
    """Return who stands where in a set of accuracy, or how to find out."""
    file = file_of(name)
    if not file.exists():
        return f"Not measured yet: `python -m benchmarks.accuracy {name}`."
    return bench_table(read_results(file))


def truths(name: str = "sz", dataset: str = "sz-taxi") -> str:
    """Return the root mean square of the truth that each row was scored on, as its RMSE and accuracy imply.

    Accuracy is ``1 - RMSE / root mean square of the truth`` (Zhao et al. 2020, https://arxiv.org/abs/1811.05320), so
    rows that share a test part share that, but for the digits they were printed with.
    """
    ours, theirs = read_results(file_of(name)), published()
    ours = ours[(ours["protocol"] == "tgcn") & (ours["model"] == "persistence")]
    theirs = theirs[(theirs["protocol"] == "tgcn") & (theirs["dataset"] == dataset)]
    leads = list(dict.fromkeys(theirs["lead"]))
    rows = [(f"ours, {steps} steps in", part) for steps, part in ours.groupby("history")]
    rows += [(model, theirs[theirs["model"] == model]) for model in dict.fromkeys(theirs["model"])]
    lines = [f"| {theirs['unit'].iloc[0]} | {' | '.join(leads)} |", "| --- |" + " ---: |" * len(leads)]
    for label, part in rows:
        of = {row["lead"]: _truth(row["RMSE"], row["accuracy"]) for row in part.to_dict("records")}
        lines.append(f"| {label} | {' | '.join(of.get(lead, '-') for lead in leads)} |")
    return "\n".join(lines)


def _truth(rmse: str, accuracy: str) -> str:
    """Return RMSE / (1 - accuracy), between what the digits allow."""
    (error, by), (share, within) = ((float(x), 0.5 * 10.0 ** -len(x.partition(".")[2])) for x in (rmse, accuracy))
    low, high = (error - by) / (1 - share + within), (error + by) / (1 - share - within)
    return f"{low:.2f} to {high:.2f}" if f"{low:.2f}" != f"{high:.2f}" else f"{low:.2f}"


HALOS = ("0", "1", "3", "8")
"""Hops that are listed, of those that were measured."""


def patches_vs_whole() -> str:
    """Return the error of each model asked by patches, by the hops of their halo, and what the widest one costs."""
    table = pd.read_csv(RESULTS / "patches_vs_whole.csv", dtype={"hops": str})
    heads = ["dataset", "model", "sees", *(f"hops: {hops}" for hops in HALOS), "whole", f"cost, hops: {HALOS[-1]}"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * 3}{' ---: |' * (len(HALOS) + 2)}"]
    for _, rows in table.groupby(["dataset", "model"], sort=False):
        of = {row["hops"]: row for row in rows.to_dict("records")}
        last = of[HALOS[-1]]
        cells = [
            last["dataset"],
            last["model"],
            last["sees"],
            *(f"{of[hops]['MAE']:.3f}" for hops in (*HALOS, "whole")),
        ]
        lines.append(f"| {' | '.join(cells)} | {last['cpu_over_whole']:.1f} |")
    return "\n".join([*lines, "", f"{_made_by(table)}."])


TABLES: dict[str, Callable[[], str]] = {
    "space_matters": space_matters,
    "loader": loader,
    "protocols": protocols,
    "rules": rules,
    "speed": speed,
    "latency": latency,
    "precision": precision,
    "plan": plan,
    "scale": scale,
    "memory": memory,
    "year": year,
    "patches_vs_whole": patches_vs_whole,
    "truths": truths,
    **{f"accuracy {name}": partial(accuracy, name) for name in SETS if not name.endswith("-seeds")},
}


def filled(text: str) -> str:
    """Return a text with every table between its marks written anew."""
    for name, make in TABLES.items():
        marks = rf"(<!-- {name} -->)\n.*?(<!-- end -->)"
        table = make()
        text = re.sub(marks, lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
    return text


def main() -> None:
    """Rewrite the documents."""
    for document in DOCUMENTS:
        text = filled(document.read_text())
        with written_whole(document) as temporary:
            temporary.write_text(text)
        print(f"written: {document.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
