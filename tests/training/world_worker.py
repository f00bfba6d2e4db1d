"""What each process does that tests/training/test_world.py starts with torchrun: some small fits."""

import atexit
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.forecasting import Forecaster, fit
from stgraph.models import ForecastModel, PatchNet, Task
from stgraph.patches import PatchBatch
from stgraph.training import Training, World
from tests.conftest import road, traffic
from tests.contracts import SMALL, TRAINING

GRAPH = road()
SERIES = traffic(GRAPH, steps=240)  # 135 windows of training, 39 of validation
HOW: dict[str, Any] = {"history": 6, "horizon": 4}
QUICK = replace(TRAINING, epochs=3, batch_size=67)  # the last batch has one window
DROPOUT: Any = SMALL["patchnet"] | {"dropout": 0.2, "profile_dropout": 0.2}


class Penalised(ForecastModel):
    """A linear map with a loss of its own, the square of its weights."""

    name, paper = "penalised", "nobody"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.line = nn.Linear(task.history, task.horizon)

    @property
    def reach(self) -> int:
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        self.auxiliary_loss = self.line.weight.square().sum()
        forecast: Tensor = self.line(batch.signal[..., 0].transpose(1, 2)).transpose(1, 2)[..., None]
        return forecast


CASES: dict[str, tuple[type[ForecastModel], Training, dict[str, Any]]] = {
    "patches": (PatchNet, replace(QUICK, patches=4, blocks=2), {"settings": SMALL["patchnet"]}),  # 3 of them and 2
    "few": (PatchNet, replace(QUICK, patches=6, blocks=1, clip=0.1), {"settings": SMALL["patchnet"]}),
    "windows": (PatchNet, QUICK, {"settings": SMALL["patchnet"], "quantiles": (0.1, 0.5, 0.9)}),
    "penalised": (Penalised, replace(QUICK, epochs=12, learning_rate=0.05, patience=1), {}),
    "half": (PatchNet, replace(QUICK, patches=4, blocks=2, precision="bf16"), {"settings": SMALL["patchnet"]}),
    "dropout": (PatchNet, replace(QUICK, patches=4), {"settings": DROPOUT}),
}


def main(out: Path, cases: list[str], killed: int = -1) -> None:
    """Fit the cases; process 1 is killed at its training step `killed`."""
    world = World.here()
    told = {name: _told(fit_case(name, out / name, killed if world.rank else -1)) for name in cases}
    if killed < 0:
        facts: dict[str, Any] = {
            "fits": told,
            "error": _error(world),
            "sum": world.summed(torch.tensor(world.rank + 1)).item(),
        }
        facts["gathered"] = world.gathered(torch.tensor([world.rank, 7])).tolist()
        (out / f"process{world.rank}.json").write_text(json.dumps(facts))
    print("stdout is free")  # noqa: T201 - what the parent looks for


def fit_case(name: str, folder: Path, killed: int = -1) -> Forecaster:
    model, training, how = CASES[name]
    left = [killed]

    def made(task: Task) -> ForecastModel:
        chosen = model(task, **how.get("settings", {}))
        chosen.register_forward_pre_hook(_count)
        return chosen

    def _count(module: nn.Module, _: object) -> None:
        left[0] -= module.training
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    rest = {key: value for key, value in how.items() if key != "settings"}
    return fit(SERIES, GRAPH, made, training=training, folder=folder, **HOW, **rest)


def _told(forecaster: Forecaster) -> dict[str, Any]:
    assert forecaster.calibration is not None
    log = forecaster.log
    return {
        "epochs": [(epoch.train_mae, epoch.validation_mae) for epoch in log.epochs],
        "best": log.best_epoch,
        "stopped": log.stopped_early,
        "parameters": float(sum(p.double().sum() for p in forecaster.model.parameters())),
        "margins": float(forecaster.calibration.margins.double().nansum()),
    }


def _error(world: World) -> str:
    def fail() -> None:
        message = f"seen by process {world.rank}"
        raise DataError(message)

    try:
        world.first(fail)
    except DataError as error:
        return str(error)
    return "none"


def _threads(file: Path) -> None:
    """Write the names of the threads that there are."""
    tasks = Path("/proc/self/task")
    file.write_text("\n".join((task / "comm").read_text() for task in tasks.iterdir()) if tasks.exists() else "")


if __name__ == "__main__":
    atexit.register(_threads, Path(sys.argv[1]) / f"threads{World.here().rank}.txt")
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2].split(","), *map(int, sys.argv[3:]))
