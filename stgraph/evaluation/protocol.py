"""Protocols: what has to be the same for two figures to be compared, as named, printable objects."""

from dataclasses import dataclass, field
from typing import Final, Literal

from stgraph.errors import UnknownNameError
from stgraph.series import Scaling, Split


@dataclass(frozen=True)
class Protocol:
    """The choices of data, scaling, selection and score under which a model is fitted and judged; not its optimiser.

    Args:
        name: what it is called.
        source: whose it is.
        split: shares, what is cut and how it is rounded, and the part that chooses the epoch.
        scaling: how values are scaled, which steps count, and what a hole counts as and is shown as.
        headline: what the figure "at h" is: the step h alone, or all steps up to h.
        threshold: smallest ``|truth|`` that MAPE counts.
        whole_batches: windows beyond the last whole batch of this size are never scored; None = all are.
        exceptions: where it departs from what one should do, in words.
    """

    name: str
    source: str
    split: Split = field(default_factory=Split)
    scaling: Scaling = field(default_factory=Scaling)
    headline: Literal["at", "up_to"] = "at"
    threshold: float = 1.0
    whole_batches: int | None = None
    exceptions: tuple[str, ...] = ()

    def describe(self) -> dict[str, str]:
        """Return the choices, spelled out, for a report."""
        split, scaling = self.split, self.scaling
        shares = " / ".join(f"{share:g}" for share in (split.train, split.validation, split.test))
        holes = "left out" if scaling.counted is None else f"counted as {scaling.counted:g}"
        return {
            "protocol": f"{self.name} ({self.source})",
            "split": f"{shares} of the {CUTS[split.cut]}, rounded by {split.rounding.replace('_', ' ')}",
            "epoch chosen on": f"the {split.selection} part",
            "scaler": f"{KINDS[scaling.kind]} over {OVERS[scaling.over]}, holes {holes}",
            "a hole is shown as": "the mean" if scaling.shown is None else f"{scaling.shown:g}",
            "what counts": "everything, holes as a true 0" if scaling.zeros_are_values else "what was observed",
            "figure at h": "the step h alone" if self.headline == "at" else "all steps up to h, averaged",
            "MAPE": f"where the truth is at least {self.threshold:g}",
            "exceptions to our laws": "; ".join(self.exceptions) or "none",
        }


CUTS: Final = {
    "steps": "steps, windows inside each part",
    "steps_but_last": "steps, windows inside each part, the last one of each lost",
    "windows": "windows, which reach across the cuts",
}
KINDS: Final = {"standard": "mean and deviation", "maximum": "division by the maximum"}
OVERS: Final = {
    "train": "the training part",
    "windows": "the histories of all training windows, a step as often as it is in one",
    "starts": "the steps before the last training window",
    "everything": "the whole series, with the test part",
}
ANYTHING = 1e-6  # of a unit: the smallest truth that a published MAPE divides by
ACROSS = "windows on both sides of a cut share steps"
ZEROS = "holes count as zeros in the scaler"

_ALL: Final = (
    Protocol("clean", "this library: nothing of the future, nothing unmeasured"),
    Protocol(
        "dcrnn",
        "Li et al. 2018, https://github.com/liyaguang/DCRNN, and most tables on METR-LA and PEMS-BAY",
        Split(0.7, 0.1, 0.2, cut="windows", rounding="ends"),
        Scaling(over="windows", counted=0.0, shown=0.0),
        threshold=ANYTHING,
        exceptions=(ACROSS, ZEROS, "the model is shown zeros where nothing was measured"),
    ),
    Protocol(
        "pems",
        "Guo et al. 2019, https://github.com/guoshnBJTU/ASTGCN-2019-pytorch, and most tables on PEMS03/04/07/08",
        Split(0.6, 0.2, 0.2, cut="windows", rounding="cuts_down"),
        Scaling(over="windows", counted=0.0, shown=0.0, zeros_are_values=True),
        threshold=ANYTHING,
        exceptions=(ACROSS, ZEROS, "holes are scored as true zeros"),
    ),
    Protocol(
        "largest",
        "Liu et al. 2023, https://github.com/liuxu77/LargeST",
        Split(0.6, 0.2, 0.2, cut="windows", rounding="parts"),
        Scaling(over="starts", counted=0.0, shown=0.0),
        threshold=ANYTHING,
        whole_batches=64,
        exceptions=(ACROSS, ZEROS, "the last incomplete batch of 64 windows is never scored"),
    ),
    Protocol(
        "basicts",
        "Shao et al. 2024, version 1, https://github.com/GestaltCogTeam/BasicTS",
        Split(0.7, 0.1, 0.2, rounding="parts_down"),
        Scaling(counted=0.0),
        headline="up_to",
        threshold=ANYTHING,
        exceptions=(ZEROS,),
    ),
    Protocol(
        "tgcn",
        "Zhao et al. 2020, https://github.com/lehaifeng/T-GCN, and the tables on SZ-taxi and LOS-loop",
        Split(0.8, 0.0, 0.2, cut="steps_but_last", rounding="cuts_down", selection="test"),
        Scaling(kind="maximum", over="everything", counted=0.0, shown=0.0, zeros_are_values=True),
        headline="up_to",
        threshold=ANYTHING,
        exceptions=(
            "the epoch is chosen on the test part",
            "the scaler has seen the test part",
            "holes are scored as true zeros",
            "the last window of each part is lost",
        ),
    ),
)
PROTOCOLS: Final = {protocol.name: protocol for protocol in _ALL}


def find_protocol(name: str) -> Protocol:
    """Return the protocol of a name.

    Raises:
        UnknownNameError: there is none; suggests the nearest.
    """
    if name not in PROTOCOLS:
        raise UnknownNameError.of("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]
