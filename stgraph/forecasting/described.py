"""The facts of a forecaster, spelled out for people."""

from stgraph.forecasting.forecaster import Forecaster
from stgraph.series import with_units


def described(forecaster: Forecaster) -> dict[str, str]:
    """Return what a forecaster forecasts, how it was trained and what its bounds rest on."""
    model, task, latest = forecaster.model, forecaster.task, forecaster.latest
    newest = str(latest.local_times[-1]) if latest.observed.any() else "none: each forecast is to be given some"
    before, together = forecaster.provenance.get("before"), forecaster.provenance.get("together", ())
    return {
        "model": f"{model.name} {model.settings or ''}".strip(),
        "parameters": f"{sum(p.numel() for p in model.parameters()):,}",
        "sensors": f"{task.sensors}, {forecaster.graph.adjacency.nnz} edges",
        "forecasts": with_units(forecaster.channels, forecaster.units),
        "steps": f"{task.history} in, {task.horizon} out, {task.interval / 60:g} min each",
        "trained": _how_trained(forecaster),
        "bounds": _bounds(forecaster),
        "last observation": newest,
        "series": str(forecaster.provenance.get("series", "given in memory"))
        + (f", before {before}" if before else "")
        + (f", of {', '.join(together)} that were trained on together" if len(together) > 1 else ""),
    }


def _bounds(forecaster: Forecaster) -> str:
    if forecaster.calibration is None:
        why = ", as no part of the series was held out to measure errors on"
        return "none" if forecaster.split.validation else f"none{why}"
    return forecaster.calibration.describe()


def _how_trained(forecaster: Forecaster) -> str:
    chosen = forecaster.chosen or forecaster.log
    text = f"{forecaster.model.trained}, {forecaster.log.seconds:.0f} s"
    if forecaster.training is not None and isinstance(forecaster.training.patches, int):
        text += f", on patches of {forecaster.training.patches} sensors"
    if forecaster.chosen is not None:
        text += ", anew on all data: nothing is held out"
    if chosen.best is None:
        return text
    error = f"validation {chosen.measure.upper()} {chosen.errors[chosen.best_epoch]:.3f} {forecaster.units[0]}"
    if forecaster.chosen is not None:
        return f"{text}; epochs: {chosen.best_epoch + 1}, as the fit before chose by its {error}"
    return f"{text}, epoch {chosen.best_epoch + 1} of {len(chosen.epochs)}, {error}"
