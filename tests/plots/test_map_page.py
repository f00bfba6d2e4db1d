import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from stgraph import plots
from stgraph.errors import DataError
from tests.plots.street import EVIL, IDS, forecast, graph, history

PAGE = Path(plots.__file__).parent / "page"
BLINDNESS = {  # Machado, Oliveira and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113, table 1, severity 1
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


class Elements(HTMLParser):
    """All elements of a page: name, attributes and the text right inside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        self.open = True

    def handle_endtag(self, _: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found[-1][2].append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "forecast.html"
    assert plots.map_page(forecast(), graph(), history(), path) == path
    return path.read_text(encoding="utf-8")


def test_the_page_holds_the_forecast(text: str) -> None:
    ((_, data),) = [one for one in Elements(text).all("script") if one[0].get("type") == "application/json"]
    found = json.loads(data)
    assert found["sensors"] == list(IDS)
    assert found["channels"][0]["values"][2] == [100.0, 85.0, 70.0, 55.0, 40.0, 25.0]
    assert Elements(text).all("title") == [({}, "Traffic forecast, 2024-03-04 23:50")]


def test_no_id_ends_the_element_it_stands_in(text: str) -> None:
    assert EVIL not in text
    assert text.count("<script") == 2
    assert text.count("</script>") == 2


def test_the_page_names_no_other_file_or_host(text: str) -> None:
    assert not re.search(r"//|https?:|url\(|@import|xmlns|\bimport\b|fetch\(|XMLHttp|WebSocket", text)
    for tag, attributes, _ in Elements(text).found:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert not {"src", "href", "srcset", "action"} & attributes.keys(), tag


def test_the_policy_lets_nothing_in_but_the_page_itself(text: str) -> None:
    (policy,) = [
        a["content"] for a, _ in Elements(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = [content for _, content in Elements(text).all("style")]
    (script,) = [content for attributes, content in Elements(text).all("script") if not attributes]
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (script, style)]
    assert policy == f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'"


def test_every_part_that_the_scripts_ask_for_is_there(text: str) -> None:
    ids = [str(attributes["id"]) for _, attributes, _ in Elements(text).found if "id" in attributes]
    assert len(ids) == len(set(ids))
    asked = set(re.findall(r'part\("([\w-]+)"\)', text))
    assert {"map", "lead", "search"} <= asked
    assert asked <= set(ids)
    labels = {"aria-controls", "aria-describedby", "aria-labelledby", "for"}
    assert {str(a[name]) for _, a, _ in Elements(text).found for name in labels & a.keys()} <= set(ids)


def test_the_files_of_the_page_are_small() -> None:
    files = sorted(PAGE.iterdir())
    assert {"map.html", "map.css", "map.js"} <= {file.name for file in files}
    for file in files:
        lines = file.read_text().splitlines()
        assert len(lines) <= 300
        assert max(map(len, lines)) <= 120, file.name


def ramps() -> list[list[str]]:
    return [found.split() for found in re.findall(r"--ramp:((?: #[0-9a-f]{6})+);", (PAGE / "map.css").read_text())]


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB (IEC 61966-2-1), D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ rgb / (0.9505, 1, 1.089), 1e-3))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_colours_keep_their_order_and_distance_for_every_eye(blindness: str) -> None:
    light, dark = ramps()
    for ramp, way in ((light, -1), (dark, 1)):
        seen = [lab(np.clip(BLINDNESS[blindness] @ linear(colour), 0, 1)) for colour in ramp]
        steps = np.diff(seen, axis=0)
        assert (way * steps[:, 0] > -2).all(), "what calls for attention stands out more and more from the paper"
        assert way * (seen[-1][0] - seen[0][0]) > 30
        assert (np.linalg.norm(steps, axis=1) > 6).all()


def test_a_page_goes_to_a_page_and_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"map.png: expected a name ending in .html or .htm"):
        plots.map_page(forecast(), graph(), history(), tmp_path / "map.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"map.html: cannot be written"):
        plots.map_page(forecast(), graph(), history(), tmp_path / "file" / "map.html")
    with pytest.raises(DataError, match="positions: the graph has none"):
        plots.map_page(forecast(), graph(positions=None), history(), tmp_path / "map.html")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
