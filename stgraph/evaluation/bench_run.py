"""One run of a benchmark: what is fitted to what, under which rules, and how."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stgraph.evaluation.bench_source import TrafficSource
from stgraph.models import find_model
from stgraph.training import Training

ASKED: Final = (
    *("dataset", "target", "protocol", "history", "horizon", "model", "settings", "seed"),
    *("epochs", "minutes", "patience", "batch_size", "learning_rate", "precision", "loss"),
)
"""Columns of the results that say what was asked for: rows that agree in all of them are of one run."""


@dataclass(frozen=True)
class BenchRun:
    """What is fitted to what, under which rules, and how; plain data, so that another process can do it.

    Args:
        source: of series and graph.
        protocol: name of the rules of split, scaling and score.
        model: its name.
        settings: arguments of the model that are not its defaults.
        history: steps in.
        horizon: steps out.
        training: options of gradient training, the seed among them.
        minutes: the training shall take: as many epochs as fit in, at most those of `training`; None = all of them.
    """

    source: TrafficSource
    protocol: str
    model: str
    history: int
    horizon: int
    training: Training
    settings: Mapping[str, str] = field(default_factory=dict)
    minutes: float | None = None

    @property
    def by_gradient(self) -> bool:
        """Whether there are epochs, a seed and the like."""
        return find_model(self.model).trained == "gradient"

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, as it stands in the results; what does not concern the model is empty."""
        how = self.training
        trained = {
            "seed": f"{how.seed}",
            "epochs": f"{how.epochs}",
            "minutes": "" if self.minutes is None else f"{self.minutes:g}",
            "patience": f"{how.patience}",
            "batch_size": f"{how.batch_size}",
            "learning_rate": f"{how.learning_rate:g}",
            "precision": how.precision,
            "loss": how.loss,
        }
        found = {
            "dataset": self.source.name,
            "target": self.source.target,
            "protocol": self.protocol,
            "history": f"{self.history}",
            "horizon": f"{self.horizon}",
            "model": self.model,
            "settings": " ".join(f"{name}={value}" for name, value in sorted(self.settings.items())),
        }
        return dict.fromkeys(ASKED, "") | found | (trained if self.by_gradient else {})

    @property
    def place(self) -> dict[str, str]:
        """What was asked for without the model and all that is its own: what can be said of absent data."""
        kept = ("dataset", "target", "protocol", "history", "horizon")
        return {name: cell if name in kept else "" for name, cell in self.asked.items()}

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from every other run."""
        return tuple(self.asked.values())

    @property
    def name(self) -> str:
        """Name of its folder: the main choices, and eight digits that stand for all of them."""
        asked = self.asked
        digits = hashlib.sha256("\n".join(self.key).encode()).hexdigest()[:8]
        main = [asked[name] for name in ("dataset", "protocol", "history", "horizon", "model", "seed")]
        return re.sub(r"[^\w.-]+", "_", "-".join([*filter(None, main), digits]))

    def __str__(self) -> str:
        """Return what it is, for a line of progress."""
        asked = self.asked
        what = " ".join(filter(None, [asked["model"], asked["settings"]]))
        seed = f", seed {asked['seed']}" if asked["seed"] else ""
        return f"{what} on {asked['dataset']}, {asked['protocol']}, {self.history} -> {self.horizon} steps{seed}"
