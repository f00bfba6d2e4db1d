"""`Task`, what is to be forecast, and `ForecastModel`, the contract that every model keeps."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from torch import Tensor, nn

from stgraph.errors import DataError, MismatchError
from stgraph.patches import PatchBatch, Window
from stgraph.propagation import WeightSpec


@dataclass(frozen=True)
class Task:
    """What is to be forecast from what: all that a model knows before it sees a batch.

    Args:
        sensors: N of the network trained on.
        channels_in: channels of the signal, C.
        targets: which of them are forecast; their number is channels_out.
        history: steps in, T.
        horizon: steps out, H.
        interval: seconds between two steps.
        steps_per_day: intervals in a day.
        covariates: channels known beside the signal.
        static: facts of each sensor.
        quantiles: levels forecast of each value, rising, 0.5 among them: the median is then the point forecast.
            None of them = the point forecast alone.

    Raises:
        DataError: a number out of range.
    """

    sensors: int
    channels_in: int = 1
    targets: tuple[int, ...] = (0,)
    history: int = 12
    horizon: int = 12
    interval: float = 300.0
    steps_per_day: int = 288
    covariates: int = 0
    static: int = 0
    quantiles: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "targets", tuple(self.targets))
        for name in ("sensors", "channels_in", "history", "horizon", "interval", "steps_per_day"):
            if getattr(self, name) <= 0:
                message = f"{name}: expected a positive number, found {getattr(self, name)}"
                raise DataError(message)
        within = set(self.targets) & set(range(self.channels_in))
        if not self.targets or len(within) < len(self.targets):
            message = f"targets: expected channels out of 0..{self.channels_in - 1}, each once, found {self.targets}"
            raise DataError(message)
        levels = tuple(float(level) for level in self.quantiles)
        object.__setattr__(self, "quantiles", levels)
        if levels and (levels != tuple(sorted({*levels, 0.5})) or not 0 < levels[0] <= levels[-1] < 1):
            message = f"quantiles: expected rising levels between 0 and 1 with 0.5 among them, found {levels}"
            raise DataError(message)

    @property
    def channels_out(self) -> int:
        """Number of channels forecast."""
        return len(self.targets)

    @property
    def outputs(self) -> int:
        """Numbers read out for one step of one sensor: a channel each, or each of its quantiles."""
        return self.channels_out * max(len(self.quantiles), 1)


class ForecastModel(nn.Module, ABC):
    """A model is its forward and its facts; it sees a `PatchBatch` and nothing else.

    A subclass has one file. Every argument of its ``__init__`` but `task` has the paper's default and is
    plain data (number, text, bool or None), recorded in `settings`, so that a saved model can be built again.
    """

    name: ClassVar[str]
    """How the command line calls it."""
    paper: ClassVar[str]
    """Authors, year, link."""
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "gradient"
    """How its parameters are found."""

    task: Task
    settings: dict[str, Any]
    auxiliary_loss: Tensor | None = None
    """Set by a forward in training: a term of the loss beside the error. Training takes it away; no error holds it."""

    def __new__(cls, task: Task, *args: Any, **settings: Any) -> Self:  # noqa: ANN401 - whatever the model takes
        """Record the arguments, so that a run folder can build the model again."""
        model = super().__new__(cls)
        bound = inspect.signature(cls.__init__).bind(model, task, *args, **settings)
        bound.apply_defaults()
        object.__setattr__(model, "settings", dict(list(bound.arguments.items())[2:]))
        return model

    def __getnewargs_ex__(self) -> tuple[tuple[Task], dict[str, Any]]:
        """Return what `__new__` takes, so that a model can be copied."""
        return (self.task,), self.settings

    def __init__(self, task: Task) -> None:
        super().__init__()
        if task.quantiles and self.trained != "gradient":
            message = (
                f"{self.name} is not trained by gradient and has no heads for quantiles: expected none, found "
                f"{task.quantiles}; its bounds come from calibration alone"
            )
            raise DataError(message)
        self.task = task

    def expect_positive(self, **settings: float) -> None:
        """Check settings that only mean something above zero.

        Raises:
            DataError: names the model, the setting and what was found.
        """
        for name, value in settings.items():
            if value <= 0:
                message = f"{self.name}: expected {name} above 0, found {value}"
                raise DataError(message)

    def expect_at_least(self, lowest: float, **settings: float) -> None:
        """Check settings that have a smallest sense.

        Raises:
            DataError: names the model, the setting and what was found.
        """
        for name, value in settings.items():
            if value < lowest:
                message = f"{self.name}: expected {name} of at least {lowest}, found {value}"
                raise DataError(message)

    def over_horizon(self, out: Tensor) -> Tensor:
        """Return what was read out of each sensor, (B, N, H outputs), as a forecast, (B, H, N, C_out) or with Q."""
        return self.over_quantiles(out.reshape(*out.shape[:2], self.task.horizon, -1).transpose(1, 2))

    def over_quantiles(self, out: Tensor) -> Tensor:
        """Return (..., C_out Q) as (..., C_out, Q); without quantiles as it is."""
        return out.reshape(*out.shape[:-1], self.task.channels_out, -1) if self.task.quantiles else out

    def for_each_quantile(self, of_channels: Tensor) -> Tensor:
        """Return (..., C_out) as (..., C_out, 1), to go with every quantile; without quantiles as it is."""
        return of_channels[..., None] if self.task.quantiles else of_channels

    def point(self, forecast: Tensor) -> Tensor:
        """Return the median of (..., C_out, Q), which is the point forecast; without quantiles as it is."""
        return forecast[..., self.task.quantiles.index(0.5)] if self.task.quantiles else forecast

    @property
    def inductive(self) -> bool:
        """Whether it works on sensors never seen; False where it has parameters of single sensors."""
        return True

    @property
    @abstractmethod
    def reach(self) -> int | None:
        """Hops that one forward sees; None = the whole graph. A patch of `reach` hops is exact at its centre."""

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """Weights it propagates with, in the order in which `PatchBatch.weights` brings them."""
        return ()

    @property
    def wants_profile(self) -> bool:
        """Whether it is shown what is usual on each sensor at the times of a window: `PatchBatch.profile`."""
        return False

    @abstractmethod
    def forward(self, batch: PatchBatch) -> Tensor:
        """Return (B, H, N, C_out) in scaled units, or (B, H, N, C_out, Q) where the task asks for quantiles.

        In training the batch has its target, in scaled units too and 0 where unobserved (a decoder may be fed the
        truth of the steps before); otherwise it has none.
        """

    def closed_window(self) -> Window:
        """Return how the training part is cut for `fit_closed`."""
        return Window(self.task.history, self.task.horizon)

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        """Find the parameters from batches of the training part, whose `target` is scaled, in one pass.

        Raises:
            MismatchError: the model is not `trained` in closed form.
        """
        message = f"{self.name} is trained by {self.trained}, not in closed form; found {type(batches).__name__}"
        raise MismatchError(message)

    def profile_of(self, batch: PatchBatch) -> Tensor:
        """Return what is usual on the sensors of a batch, for a model that wants it.

        Raises:
            MismatchError: the batch does not say.
        """
        if batch.profile is None:
            message = f"{self.name}: expected a batch with the profile of its sensors, found none"
            raise MismatchError(message)
        return batch.profile

    def check(self, batch: PatchBatch) -> None:
        """Check that a batch is of this model's task.

        Raises:
            MismatchError: history, horizon, channels, covariates or sensors differ, there is no profile where the model
                wants one, or there are several patches where it sees the whole graph; says which.
        """
        task = self.task
        covariates = 0 if batch.covariates is None else batch.covariates.shape[-1]
        found = (batch.signal.shape[1], batch.horizon, batch.signal.shape[3], covariates, len(batch.weights))
        wanted = (task.history, task.horizon, task.channels_in, task.covariates, len(self.weights))
        names = ("history", "horizon", "channels", "covariates", "weights")
        for name, want, have in zip(names, wanted, found, strict=True):
            if want != have:
                message = f"{self.name}: expected a batch with {name} = {want}, found {have}"
                raise MismatchError(message)
        if self.wants_profile:
            self.profile_of(batch)
        blocks = int(batch.block.max()) + 1
        if self.reach is None and blocks > 1:
            message = f"{self.name} sees the whole graph: expected a batch of one patch, found {blocks}"
            raise MismatchError(message)
        if not self.inductive and int(batch.sensors.max()) >= task.sensors:
            message = (
                f"{self.name} has parameters for its own {task.sensors} sensors and cannot work on others; "
                f"found sensor number {int(batch.sensors.max())}"
            )
            raise MismatchError(message)
