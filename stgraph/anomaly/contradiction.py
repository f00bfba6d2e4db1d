"""Sensors that contradict both neighbours, which agree with each other."""

import numpy as np
from numpy.typing import NDArray

from stgraph.anomaly.jumps import TO_SIGMA
from stgraph.anomaly.neighbours import NONE, beside
from stgraph.anomaly.subject import Subject
from stgraph.anomaly.timeline import lower_quantile
from stgraph.graph import SensorGraph

FEWEST = 30
"""Steps of the sample at which the neighbours of a sensor agree; with fewer it has no ratio of its own."""
FLOOR = 0.1
"""Share of the median of the channel that is added to what is divided by: differences near zero mean nothing."""

Floats = NDArray[np.float32]


def contradiction(subject: Subject, believed: NDArray[np.bool_], c: int) -> NDArray[np.bool_]:
    r"""Return on which days a sensor contradicts both its neighbours, (days, N).

    Let u and d be the values of the neighbours upstream and downstream and m their mean. Where u and d agree, the
    residual :math:`r = (x - m) / (m + f)` has a spread over the network that is measured robustly (median and median
    absolute deviation; f is a tenth of the median of the channel). A day counts where on `contradiction_share` of the
    steps at which they agree r lies more than `contradiction_sigmas` away, and
    `contradiction_least`, always on the same side.

    What a sensor counts differs from its neighbours by the ramps between them, and its occupancy by its lanes, so in
    flow and occupancy :math:`1 + r` is first divided by its median for this sensor: only a change is found. In speed
    it is not.

    Args:
        subject: what is checked; without a graph nothing is found.
        believed: (T, N) values of the channel that no other rule distrusts.
        c: the channel.
    """
    timeline, settings = subject.timeline, subject.settings
    days = int(timeline.day[-1]) + 1
    found = np.zeros((days, believed.shape[1]), dtype=np.bool_)
    three = _threes(subject.graph)
    if not three.size or not believed[subject.sample()].any():
        return found
    quantity, values = subject.quantities[c], subject.series.values[..., c]
    usual = np.median(values[subject.sample()][believed[subject.sample()]])
    floor = FLOOR * max(float(usual), quantity.grain)

    def residual(rows: slice) -> Floats:
        known = np.where(believed[rows], values[rows], np.float32("nan"))
        return _residual(known[:, three], floor, settings.contradiction_agreement)

    drawn = residual(subject.sample())
    own = np.zeros(three.shape[1]) if quantity.kind == "speed" else _own(drawn)
    centre, scale = _spread((1 + drawn) / (1 + own) - 1)
    limit = max(settings.contradiction_sigmas * scale, settings.contradiction_least)
    for day in range(days):
        first, last = np.searchsorted(timeline.day, [day, day + 1])
        away = (1 + residual(slice(int(first), int(last)))) / (1 + own) - 1 - centre
        agree = (~np.isnan(away)).sum(0)
        wrong = np.maximum((away > limit).sum(0), (away < -limit).sum(0))
        enough = (agree * timeline.interval >= settings.contradiction_hours) & (agree > 0)
        found[day, three[1]] = enough & (wrong >= settings.contradiction_share * agree)
    return found


def _threes(graph: SensorGraph | None) -> NDArray[np.int64]:
    """Return the neighbour upstream, the sensor and the neighbour downstream, (3, M)."""
    if graph is None:
        return np.zeros((3, 0), dtype=np.int64)
    up, down = beside(graph)
    three = np.stack([up, np.arange(len(graph)), down])
    return three[:, up != NONE]


def _residual(known: Floats, floor: float, agreement: float) -> Floats:
    """Return the relative residual of (T, 3, M) values where the neighbours agree, else NaN, (T, M)."""
    u, x, d = known[:, 0], known[:, 1], known[:, 2]
    mean = (u + d) / 2
    base = mean + np.float32(floor)
    residual: Floats = np.where(np.abs(u - d) <= agreement * base, (x - mean) / base, np.float32("nan"))
    return residual


def _own(drawn: Floats) -> NDArray[np.float64]:
    """Return the median residual of each sensor; NaN, which finds nothing, where its neighbours rarely agree."""
    seen = (~np.isnan(drawn)).sum(0)
    own: NDArray[np.float64] = np.where(seen >= FEWEST, lower_quantile(drawn, 0.5), np.nan)
    return own


def _spread(residual: NDArray[np.floating]) -> tuple[float, float]:
    """Return the median and the robust deviation of all residuals."""
    known = residual[~np.isnan(residual)]
    if not len(known):
        return 0.0, np.inf
    centre = float(np.median(known))
    return centre, TO_SIGMA * float(np.median(np.abs(known - centre)))
