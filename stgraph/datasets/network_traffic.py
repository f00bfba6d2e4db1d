"""Traffic on road networks of any size: speeds that are quick to make and worth forecasting."""

from pathlib import Path

import numpy as np

from stgraph.datasets.network_process import NetworkTraffic
from stgraph.datasets.road_network import RoadNetwork
from stgraph.datasets.synthetic import time_axis
from stgraph.errors import DataError
from stgraph.series import TrafficSeries, write_blocks

CELLS = 2**17  # values in a block: half a MiB, so that all arrays of a block stay in the cache


def network_traffic(
    network: RoadNetwork,
    days: int = 28,
    *,
    interval: int = 5,
    seed: int = 0,
    start: str = "2024-03-04",
    missing: float = 0.02,
    folder: str | Path | None = None,
) -> TrafficSeries:
    r"""Make up speeds on a road network: rush hours, congestion that runs upstream, incidents, errors and holes.

    Travel takes :math:`1 + r + R_i(t) + c_i(t)` times as long as at free speed. The recurring delay :math:`R_i` is a
    sensor's own, alike along a road, times the fourth power of its demand :math:`p_i(t)`, as in the function of the
    Bureau of Public Roads (1964, Traffic Assignment Manual); demand has the days and weeks of `synthetic`, with peaks
    early or late, and heads for the centre in the morning, from it in the evening. The rest is delay that no calendar
    knows,

    .. math:: \dot c = \beta (W c - c) - \mu c + p \circ s, \quad W = D_{out}^{-1} A,

    which arises at random (:math:`s`: noise with a memory of half an hour, and incidents that last as long), which each
    sensor takes over from those downstream at the rate :math:`\beta` = 0.12 a minute, and which dissolves at the rate
    :math:`\mu` = 0.012: on a motorway it runs upstream at 5 km/h. In steps of time this is a space-time autoregression
    (Pfeifer and Deutsch 1980, "A three-stage iterative procedure for space-time modeling",
    https://doi.org/10.1080/00401706.1980.10486099). That jams spread at one rate and dissolve at another is how Saberi
    et al. 2020, "A simple contagion process describes spreading of traffic jams in urban networks",
    https://doi.org/10.1038/s41467-020-15353-2, describe them. The numbers are chosen by hand, not fitted.

    It is no simulation of vehicles: none is counted or conserved, there are no capacities and no routes, and a real
    jam runs upstream at 15 to 20 km/h. Use it to test at scale, and `synthetic` for traffic that obeys traffic theory.

    Args:
        network: of `road_network`, or any graph of yours with the facts added.
        days: how many days, from midnight to midnight, beginning with empty roads.
        interval: minutes between two steps; they divide a day.
        seed: same seed, same series, bit for bit.
        start: first day. Any date counts as the weekday it is; there are no holidays.
        missing: share of values that are unobserved, half of them in outages of 6 hours in the mean; they hold 0.
        folder: of the store to write the series to, in the memory of a few steps; None = into memory.

    Returns:
        Speed in km/h, (T, N, 1), between 3 and the free speed of each sensor; opened from the store where there is one.

    Raises:
        DataError: less than one day, a start that is not a date, an interval that does not divide the day, a share
            that is not at least 0 and below 1, or a folder that is there already or cannot be written.

    >>> from stgraph.datasets import road_network
    >>> network_traffic(road_network(100), days=7, interval=15, missing=0)
    TrafficSeries(steps=672, sensors=100, speed [km/h], 2024-03-04 00:00:00 .. 2024-03-10 23:45:00, observed=100.0%)
    """
    if not (interval >= 1 and 1440 % interval == 0 and interval < 1440):
        message = f"interval: expected whole minutes that divide a day, found {interval}"
        raise DataError(message)
    if not 0 <= missing < 1:
        message = f"missing: expected a share of at least 0 and below 1, found {missing}"
        raise DataError(message)
    times = time_axis(days, start, minutes=interval, before=0)
    traffic = NetworkTraffic(network, times, seed=seed, missing=missing)
    size = max(CELLS // len(network.graph), 1)
    blocks = (traffic.advance(min(size, len(times) - first)) for first in range(0, len(times), size))
    axes = times.to_numpy(), network.graph.ids
    if folder is not None:
        return write_blocks(blocks, folder, *axes, channels=("speed",), units=("km/h",))
    values = np.empty((len(times), len(network.graph), 1), dtype=np.float32)
    observed = np.empty(values.shape, dtype=np.bool_)
    for first, block in zip(range(0, len(times), size), blocks, strict=True):
        values[first : first + size], observed[first : first + size] = block
    return TrafficSeries(values, observed, *axes, channels=("speed",), units=("km/h",))
