"""What `check` found as files: a table for a spreadsheet and a summary for a program."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stgraph.anomaly.findings import RULES, found_by
from stgraph.anomaly.health import Health
from stgraph.files import check_folder, write_table, written_whole


def summary(health: Health) -> dict[str, Any]:
    """Return what was found as plain values: the verdict, each rule with its sensors, lags and the thresholds."""
    series, findings = health.series, health.findings
    seen = max(int(series.observed.sum()), 1)
    rules = {}
    for rule, meaning in RULES.items():
        found = found_by(rule, findings)
        hit = [series.sensors[n] for n in np.flatnonzero(found.any((0, 2)))]
        rules[rule] = {"meaning": meaning, "share": float(found.sum() / seen), "sensors": hit}
    late = np.flatnonzero(np.isfinite(health.lag_minutes))
    return {
        "verdict": health.verdict(),
        "first": str(series.times[0]),
        "last": str(series.times[-1]),
        "steps": len(series),
        "sensors": len(series.sensors),
        "observed": float(series.observed.mean()),
        "distrusted": float(np.count_nonzero(findings) / seen),
        "never_observed": [series.sensors[n] for n in np.flatnonzero(~series.observed.any((0, 2)))],
        "rules": rules,
        "lag_minutes": {series.sensors[n]: float(health.lag_minutes[n]) for n in late},
        "settings": asdict(health.settings),
    }


def write_health(health: Health, folder: str | Path) -> list[Path]:
    """Write health.csv (`Health.table`) and health.json (`summary`) to a folder; return their paths.

    Raises:
        DataError: the folder cannot be made or written to.
    """
    place = check_folder(folder)
    table = write_table(health.table(), place / "health.csv")
    with written_whole(place / "health.json") as temporary:
        temporary.write_text(json.dumps(summary(health), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [table, place / "health.json"]
