"""A series and a graph from files, with a record of where they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stgraph.datasets import load as load_dataset
from stgraph.errors import DataError, MismatchError
from stgraph.files import sha256
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.moment import measured_before
from stgraph.graph import SensorGraph, is_labelled, read_adjacency
from stgraph.graph.tables import naming
from stgraph.series import Duplicates, Resampling, TrafficSeries, is_store, open_series, read_series, source_sha256


@dataclass(frozen=True, eq=False)
class Inputs:
    """What `fit` needs, and where it came from.

    Args:
        series: of the file.
        graph: of the same sensors.
        matched_by: how sensors of the graph were found in the series: ``"id"`` or ``"column order"``.
        provenance: paths, SHA-256 and how the file was read: enough to read it, or its successor, again.
    """

    series: TrafficSeries
    graph: SensorGraph
    matched_by: str
    provenance: dict[str, Any]

    def with_channels(self, channels: Sequence[str]) -> "Inputs":
        """Return the same with these channels alone, and a provenance that says so.

        Raises:
            MismatchError: a channel that the series does not have.
        """
        chosen = self.series.select(channels=tuple(channels))
        return replace(self, series=chosen, provenance=self.provenance | {"channels": list(channels)})


def read_inputs(
    series: Path,
    adjacency: Path,
    *,
    columns: Mapping[str, str] | None = None,
    channel: Sequence[str] | None = None,
    unit: Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: str | None = None,
    interval: str | None = None,
    timezone: str | None = None,
    duplicates: Duplicates | None = None,
    resample: Resampling | Mapping[str, Any] | None = None,
    header: bool = True,
    key: str | None = None,
    country: str | None = None,
    before: str | None = None,
    common: bool = False,
) -> Inputs:
    """Read a series and its graph; an adjacency without labels matches the series by column order.

    Args:
        series: file or store of measured values; how it is read, see `stgraph.series.read_series`.
        adjacency: file of the graph, see `stgraph.graph.read_adjacency`.
        columns: what the columns of a table hold, where they have no usual name.
        channel: what is measured.
        unit: one unit a channel.
        missing: values that mean "not measured", besides empty cells.
        start: time of the first row, where the file has no times.
        interval: step between rows, where the file has no times.
        timezone: IANA name of the zone of the times.
        duplicates: what counts where rows of one time and sensor differ; None = that is an error.
        resample: the steps that times at any distance are brought to, or the fields of such a rule.
        header: whether the first row of a text file names the columns.
        key: of the table in an HDF5 file that holds several.
        country: ISO 3166 code whose public holidays the calendar marks.
        before: a time on the clock of the series; only what was measured before it counts. None = everything.
        common: leave out the sensors that only one of the two has, and edges from and to them. False = an error.

    Raises:
        DataError: a file that is not what it claims to be, names file, line and column; nothing measured before a time.
        MismatchError: series and adjacency have different sensors, or in `common` none.
    """
    rule = resample if isinstance(resample, Resampling) or resample is None else Resampling(**resample)
    how = {
        "columns": dict(columns or {}),
        "channel": None if channel is None else list(channel),
        "unit": None if unit is None else list(unit),
        "missing": list(missing),
        "start": start,
        "interval": interval,
        "timezone": timezone,
        "duplicates": duplicates,
        "resample": None if rule is None else rule.describe(),
        "header": header,
        "key": key,
    }
    values = _read(series, how, country, before)
    matched_by = "id" if is_labelled(adjacency) else "column order"
    if common:
        values, graph, left_out = _of_both(values, adjacency)
        matched_by += left_out
    else:
        try:
            graph = read_graph_of(values, adjacency)
        except MismatchError as error:
            message = f"{error}; to go on with those that both have: --common, in Python common=True"
            raise MismatchError(message) from error
    provenance: dict[str, Any] = {
        "series": str(series.resolve()),
        "series_sha256": source_sha256(series),
        "adjacency": str(adjacency.resolve()),
        "adjacency_sha256": sha256(adjacency),
        "read": how,
        "country": country,
        "before": before,
    }
    if common:
        provenance["sensors"] = list(values.sensors)
    return Inputs(values, graph, matched_by, provenance)


def _of_both(series: TrafficSeries, adjacency: Path) -> tuple[TrafficSeries, SensorGraph, str]:
    """Return series and graph of the sensors that both have, in the order of the series, and how many were left out."""
    graph = read_adjacency(adjacency, series.sensors)
    known = set(graph.ids)
    both = tuple(name for name in series.sensors if name in known)
    if not both:
        message = f"{adjacency}: expected sensors of the series, such as {series.sensors[0]!r}, found {graph.ids[:5]}"
        raise MismatchError(message)
    gone = [len(every) - len(both) for every in (series.sensors, graph.ids)]
    left_out = f"; left out: {gone[0]} of the series, {gone[1]} of the graph" if any(gone) else ""
    return series.select(sensors=both), graph.subgraph(graph.index_of(both)), left_out


def read_graph_of(series: TrafficSeries, adjacency: Path) -> SensorGraph:
    """Read the graph of the sensors of a series, in their order; without labels they are matched by it.

    Raises:
        DataError: the file is not what it claims to be.
        MismatchError: it has other sensors.
    """
    graph = read_adjacency(adjacency, series.sensors)
    try:
        return graph.align(series.sensors)
    except MismatchError as error:
        message = f"{adjacency}: {error}"
        raise MismatchError(message) from error


def read_dataset(
    name: str, data_dir: Path | None = None, *, country: str | None = None, before: str | None = None
) -> Inputs:
    """Read the series and the graph of a dataset.

    Args:
        name: one of `stgraph.datasets.DATASETS`.
        data_dir: the data folder; None = ``$STGRAPH_DATA``, else the cache of this platform.
        country: ISO 3166 code whose public holidays the calendar marks.
        before: a time on the clock of the series; only what was measured before it counts. None = everything.

    Raises:
        UnknownNameError: there is no such dataset.
        DataError: files are missing, or are not what they claim to be.
    """
    found = load_dataset(name, data_dir)
    facts, series = found.facts, found.series if country is None else found.series.with_country(country)
    provenance = {
        "dataset": name,
        "data_dir": None if data_dir is None else str(data_dir.resolve()),
        "series": f"dataset {name}",
        "series_sha256": series.digest(),
        "adjacency": f"dataset {name}",
        "adjacency_sha256": found.graph.digest(),
        "read": {"channel": list(facts.channels), "unit": list(facts.units), "missing": list(facts.missing)},
        "country": country,
        "before": before,
    }
    return Inputs(_cut(series, before, f"dataset {name}"), found.graph, "the reader of the dataset", provenance)


def reopen_series(provenance: Mapping[str, Any], path: Path | None = None) -> TrafficSeries:
    """Read again the very series of a provenance: file or dataset must have the recorded SHA-256.

    Args:
        provenance: of `Inputs`, as a run folder keeps it.
        path: where the file is now, or the data folder of a dataset; None = where it was.

    Raises:
        DataError: the series came from no file, the file is gone, or it is not the one recorded.
    """
    if "dataset" in provenance:
        return _reopen_dataset(provenance, path, ("series",)).series
    file = _unchanged(provenance, "series", path)
    series = _read(file, provenance["read"], provenance.get("country"), provenance.get("before"))
    chosen = {axis: provenance.get(axis) for axis in ("sensors", "channels")}
    return series.select(**{axis: None if names is None else tuple(names) for axis, names in chosen.items()})


def reopen_inputs(provenance: Mapping[str, Any]) -> Inputs:
    """Read again the very series and graph of a provenance, to go on with what was begun on them.

    Raises:
        DataError: a file is gone, or it is not the one recorded.
    """
    if "dataset" in provenance:
        return _reopen_dataset(provenance, None, ("series", "adjacency"))
    series, adjacency = (_unchanged(provenance, kind) for kind in ("series", "adjacency"))
    how: dict[str, Any] = {name: provenance.get(name) for name in ("country", "before")}
    how["common"] = "sensors" in provenance
    return _narrowed(read_inputs(series, adjacency, **how, **provenance["read"]), provenance)


def _reopen_dataset(provenance: Mapping[str, Any], data_dir: Path | None, kinds: Sequence[str]) -> Inputs:
    """Read a dataset again; what its reader makes of series and graph must have the recorded SHA-256."""
    recorded = provenance.get("data_dir")
    folder = data_dir if data_dir is not None or recorded is None else Path(recorded)
    how: dict[str, Any] = {name: provenance.get(name) for name in ("country", "before")}
    inputs = read_dataset(provenance["dataset"], folder, **how)
    for kind in kinds:
        expected, found = provenance.get(f"{kind}_sha256"), inputs.provenance[f"{kind}_sha256"]
        if found != expected:
            message = f"{provenance['series']}: expected the {kind} of this run, SHA-256 {expected}, found {found}"
            raise DataError(message)
    return _narrowed(inputs, provenance)


def _narrowed(inputs: Inputs, provenance: Mapping[str, Any]) -> Inputs:
    """Return the inputs with the channels that were chosen, if any were."""
    channels = provenance.get("channels")
    return inputs if channels is None else inputs.with_channels(channels)


def _unchanged(provenance: Mapping[str, Any], kind: str, path: Path | None = None) -> Path:
    """Return the path of the recorded file, if its bytes are still the recorded ones."""
    expected = provenance.get(f"{kind}_sha256")
    if expected is None:
        message = f"the {kind} of this run came from no file that could be read again: {provenance.get(kind, 'memory')}"
        raise DataError(message)
    file = path or Path(provenance[kind])
    if not file.is_file() and (kind != "series" or not file.is_dir()):
        message = f"{file}: not found; expected the {kind} of this run, SHA-256 {expected}"
        raise DataError(message)
    found = source_sha256(file) if kind == "series" else sha256(file)
    if found != expected:
        message = f"{file}: expected the {kind} of this run, SHA-256 {expected}, found {found}: the file was changed"
        raise DataError(message)
    return file


def read_like(forecaster: Forecaster, path: Path) -> TrafficSeries:
    """Read a file as the one that the forecaster was fitted on, or a store: the very same sensors, in their order.

    Where sensors were left out then, others than the forecaster's are left out.

    Raises:
        DataError: the file is not of that form, or nothing in it was observed.
        MismatchError: its sensors, channels, units or interval are not those that the forecaster was fitted on.
    """
    how = forecaster.provenance.get("read", {})
    if is_store(path):  # says itself how it is read; it may be as fine as what was resampled, or resampled before
        how = {"resample": None if open_series(path).interval == forecaster.latest.interval else how.get("resample")}
    series = _read(path, how, None)
    if "sensors" in forecaster.provenance:
        mine = set(forecaster.latest.sensors)
        series = series.select(sensors=tuple(name for name in series.sensors if name in mine) or None)
    try:
        return forecaster.aligned(series)
    except MismatchError as error:
        message = f"{path}: {error}"
        raise MismatchError(message) from error


def _read(path: Path, how: Mapping[str, Any], country: str | None, before: str | None = None) -> TrafficSeries:
    """Read a series in which something was observed, up to a time and with the holidays of a country, if given."""
    rule = how.get("resample")
    whole = read_series(path, **{**how, "resample": None if rule is None else Resampling(**rule)})
    series = _cut(whole, before, path)
    if not series.observed.any():
        steps, sensors, _ = series.observed.shape
        message = f"{path}: expected measured values, found none in {steps} steps of {sensors} sensors"
        raise DataError(message)
    return series if country is None else series.with_country(country)


def _cut(series: TrafficSeries, before: str | None, source: str | Path) -> TrafficSeries:
    """Return what was measured before a time, if one is given; errors name the source."""
    if before is None:
        return series
    with naming(source):
        return measured_before(series, before)
