"""A forecast as one HTML page: sensors in their places, a slider over the leads, a chart of each sensor."""

import base64
import hashlib
import html
import json
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from numpy.typing import ArrayLike

from stgraph.errors import DataError
from stgraph.files import written_whole
from stgraph.forecasting.forecast import Forecast
from stgraph.graph import SensorGraph
from stgraph.plots.map_data import map_data
from stgraph.series.traffic_series import TrafficSeries

ENDINGS = (".html", ".htm")
SCRIPTS = ("data.js", "map.js", "hand.js", "chart.js", "page.js")


def map_page(
    forecast: Forecast,
    graph: SensorGraph,
    history: TrafficSeries,
    path: str | Path,
    *,
    hours: float = 6,
    places: ArrayLike | None = None,
) -> Path:
    """Write a page to look around in: any browser opens it from the disk, without a network.

    The page holds all it needs, and forbids itself (Content-Security-Policy) to fetch anything or to run any script
    but its own. Positions are drawn equirectangularly at their mean latitude; there is no background map. Sensors
    without an observation in the history shown are hollow. Low speeds stand out, of any other channel high values.

    Args:
        forecast: with bounds, if it has them.
        graph: of the same sensors, with positions, or without where `places` are given.
        history: what was measured up to the issue of the forecast; anything later is left out.
        path: name ending in .html or .htm.
        hours: how much to show of the time before the issue, at most.
        places: (N, 2) x to the east and y to the north in metres, of the sensors in the order of the forecast, instead
            of the graph's positions.

    Raises:
        DataError: another ending, a file that cannot be written, or neither positions nor places.
        MismatchError: the graph has other sensors; the history has other sensors, channels, units or another clock, or
            does not reach the issue.
        ShapeError: not one place a sensor.
    """
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        message = f"{target}: expected a name ending in {' or '.join(ENDINGS)}"
        raise DataError(message)
    text = _page(map_data(forecast, graph, history, hours=hours, places=places))
    with written_whole(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def _page(data: dict[str, Any]) -> str:
    folder = resources.files("stgraph.plots") / "page"
    page, style, *scripts = ((folder / name).read_text("utf-8") for name in ("map.html", "map.css", *SCRIPTS))
    script = "\n".join(scripts)
    return Template(page).substitute(
        title=html.escape(f"Traffic forecast, {data['issued']}"),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=_inert(data),
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _inert(data: dict[str, Any]) -> str:
    """Return JSON in which no text can end the element that it stands in."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
