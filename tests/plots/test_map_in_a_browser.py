"""The page of `map_page` in headless Chromium, seen and touched as a person would; skipped where there is none."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from stgraph import plots
from stgraph.graph import SensorGraph, equirectangular
from tests.plots.street import DEGREES, EAST, EVIL, IDS, MIDDLE, NORTH, SOUTH, WEST, forecast, graph, history

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver: none installed")

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--force-device-scale-factor=1 --window-size=1000,700"
)
SWEEP = """
const canvas = document.getElementById("map"), tip = document.getElementById("tip"), found = {};
for (let x = 1; x < canvas.clientWidth; x += 4) for (let y = 1; y < canvas.clientHeight; y += 4) {
  const box = canvas.getBoundingClientRect(), at = { clientX: box.left + x, clientY: box.top + y };
  canvas.dispatchEvent(new PointerEvent("pointermove", at));
  if (!tip.hidden) (found[tip.firstChild.textContent] ??= []).push([x, y]);
}
return found;
"""
"""Hover over every fourth pixel of the map; return the pixels where each sensor is named."""

PIXEL = """
const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
copy.drawImage(document.getElementById("map"), -arguments[0], -arguments[1]);
return [...copy.getImageData(0, 0, 1, 1).data];
"""


class Page:
    """The page as a person has it before them."""

    def __init__(self, driver: Chrome, path: Path) -> None:
        self.driver, self.path = driver, path

    def open(self) -> None:
        self.driver.get(self.path.as_uri())
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, name: str) -> str:
        return str(self.run("return document.getElementById(arguments[0]).textContent", name))

    def places(self) -> dict[str, tuple[float, float]]:
        """Return where on the canvas each sensor is, by hovering."""
        found: dict[str, list[list[int]]] = self.run(SWEEP)
        middles = {name: np.mean(pixels, axis=0) for name, pixels in found.items()}
        return {name: (float(x), float(y)) for name, (x, y) in middles.items()}

    def click(self, x: float, y: float) -> None:
        canvas = self.driver.find_element("id", "map")
        from_middle = (round(x - canvas.size["width"] / 2), round(y - canvas.size["height"] / 2))
        ActionChains(self.driver).move_to_element_with_offset(canvas, *from_middle).click().perform()
        self.settle()

    def set_lead(self, lead: int) -> None:
        slider = self.driver.find_element("id", "lead")
        slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * lead)
        self.settle()

    def values(self) -> list[list[str]]:
        """Return the rows of the table of the sensor shown."""
        rows = "[...document.querySelectorAll('#values tr')].map((row) => [...row.cells].map((c) => c.textContent))"
        return list(self.run(f"return {rows}"))

    def search(self, *keys: str) -> list[str]:
        box = self.driver.find_element("id", "search")
        box.send_keys(*keys)
        self.settle()
        return list(self.run("return [...document.querySelectorAll('#found li')].map((one) => one.textContent)"))

    def keys(self, *keys: str) -> None:
        self.driver.find_element("id", "map").send_keys(*keys)
        self.settle()

    def pixel(self, x: float, y: float) -> list[int]:
        return list(self.run(PIXEL, round(x), round(y)))[:3]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(str(DRIVER)))
    driver.set_script_timeout(20)
    yield driver
    driver.quit()


@pytest.fixture
def page(driver: Chrome, tmp_path: Path) -> Iterator[Page]:
    shown = Page(driver, plots.map_page(forecast(), graph(), history(), tmp_path / "forecast.html"))
    shown.open()
    yield shown
    errors = driver.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry for entry in errors if entry["level"] != "DEBUG"] == []


def test_it_opens_from_the_disk_and_asks_for_nothing_else(page: Page) -> None:
    log = page.driver.get_log("performance")  # type: ignore[no-untyped-call]
    page.open()
    page.set_lead(2)
    page.click(*page.places()["south"])
    log = page.driver.get_log("performance")  # type: ignore[no-untyped-call]
    messages = [json.loads(entry["message"])["message"] for entry in log]
    asked = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert asked == {page.path.as_uri()}
    assert page.run("return performance.getEntriesByType('resource').length") == 0


def test_every_sensor_is_in_its_place(page: Page) -> None:
    places = page.places()
    assert set(places) == set(IDS)
    seen = np.array([places[name] for name in IDS])
    metres = equirectangular(DEGREES) * (1, -1)
    scale = np.ptp(seen[:, 0]) / np.ptp(metres[:, 0])
    assert scale > 0
    expected = (metres - metres.mean(axis=0)) * scale
    np.testing.assert_allclose(seen - seen.mean(axis=0), expected, atol=4)
    assert np.ptp(seen, axis=0).max() > 300, "the network fills the map"


def test_a_click_shows_history_and_forecast(page: Page) -> None:
    assert not page.driver.find_element("id", "sensor").is_displayed()
    page.click(*page.places()["west"])
    assert page.text("sensor-id") == "west"
    assert page.text("sensor-now") == "30.0 km/h in 15 min, 25.0 to 37.0"
    assert page.text("sensor-note") == "Last measured: 65.5 km/h at 23:50."
    head, *rows = page.values()
    assert head == ["time", "measured", "forecast", "bounds"]
    assert rows[:6] == [
        ["22:55", "60.0", "", ""],
        ["23:00", "60.5", "", ""],
        ["23:05", "61.0", "", ""],
        ["23:10", "–", "", ""],
        ["23:15", "–", "", ""],
        ["23:20", "62.5", "", ""],
    ]
    assert rows[12] == ["23:55", "", "30.0", "25.0 – 37.0"]
    assert len(rows) == 18
    measured = page.run("return document.querySelector('#chart .measured').getAttribute('d')")
    assert measured.count("M") == 2, "the hole is a gap"
    labels = page.run("return [...document.querySelectorAll('#chart text')].map((text) => text.textContent)")
    assert {"23:00", "00:00", "Mon 4 Mar", "Tue 5 Mar", "speed [km/h]"} <= set(labels)
    page.keys(Keys.ESCAPE)
    assert not page.driver.find_element("id", "sensor").is_displayed()


def test_the_slider_changes_time_and_colours(page: Page) -> None:
    places = page.places()
    page.set_lead(0)
    assert (page.text("ahead"), page.text("moment")) == ("in 5 min", "Mon 4 Mar, 23:55")
    fast, steady = page.pixel(*places["south"]), page.pixel(*places["west"])
    page.set_lead(5)
    assert (page.text("ahead"), page.text("moment")) == ("in 30 min", "Tue 5 Mar, 00:20")
    slow = page.pixel(*places["south"])
    assert page.pixel(*places["west"]) == steady
    assert fast[2] > fast[0], "fast is blue"
    assert slow[0] > slow[2] + 50, "slow is red"
    assert page.text("legend-title") == "speed [km/h] in 30 min"
    assert page.run("return document.querySelector('#notable li').textContent") == "south25.0 km/h"


def test_a_sensor_without_a_measurement_is_hollow_and_said(page: Page) -> None:
    places = page.places()
    paper = page.pixel(5, 5)
    page.keys("0")
    assert page.text("silent").strip() == "1 sensor not measured since 22:55"
    assert page.pixel(*places["east"])[:3] != page.pixel(*places["south"])[:3]
    assert min(page.pixel(*places["east"])) > 240 > min(page.pixel(*places["south"]))
    assert paper == [0, 0, 0], "the canvas is transparent beside the network"
    page.click(*places["east"])
    assert page.text("sensor-note") == "Nothing was measured here from 22:55 to 23:50."
    assert all(row[1] == "–" for row in page.values()[1:13])


def test_the_search_finds_by_any_part_of_an_id_and_shows_it_as_text(page: Page) -> None:
    assert page.search("ST") == ["west", "east"]
    page.search(Keys.ARROW_DOWN, Keys.ENTER)
    assert page.text("sensor-id") == "east"
    assert page.search("script") == [EVIL]
    page.search(Keys.ENTER)
    assert page.text("sensor-id") == EVIL
    assert page.search("<i>") == [IDS[MIDDLE]]
    page.search(Keys.ESCAPE)
    assert page.search("nowhere") == ["None of 5 sensors has this in its id"]
    assert page.run("return document.scripts.length") == 2
    assert page.run("return document.querySelectorAll('#sensor-id *, #found li *').length") == 0


def test_keys_go_from_sensor_to_sensor(page: Page) -> None:
    page.click(*page.places()["south"])
    for key, name in ((Keys.ARROW_UP, IDS[MIDDLE]), (Keys.ARROW_LEFT, "west"), (Keys.ARROW_RIGHT, "east")):
        page.keys(key)
        assert page.text("sensor-id") == name
        assert page.text("said").startswith(f"{name}: ")
    page.keys(Keys.ESCAPE, Keys.ENTER)
    assert page.text("sensor-id") == IDS[MIDDLE], "without a choice, the one in the middle"


def test_channels_have_their_own_values_units_and_scale(page: Page) -> None:
    page.click(*page.places()["south"])
    page.run("document.querySelectorAll('#channels input')[1].click()")
    assert page.text("sensor-now") == "1,400 veh/h in 15 min, 1,395 to 1,407"
    assert page.text("legend-title") == "flow [veh/h] in 15 min"
    assert page.text("notable-title") == "Highest flow in 15 min"
    assert not page.driver.find_element("id", "silent").is_displayed(), "its flow was measured everywhere"


def test_wheel_drag_and_buttons_move_the_map(page: Page) -> None:
    def apart(places: dict[str, tuple[float, float]], one: int, other: int) -> float:
        return float(np.hypot(*np.subtract(places[IDS[one]], places[IDS[other]])))

    before = page.places()
    canvas = page.driver.find_element("id", "map")
    x, y = (round(v) for v in before[IDS[MIDDLE]])
    box = page.run("const b = document.getElementById('map').getBoundingClientRect(); return [b.left, b.top]")
    wheel = "document.getElementById('map').dispatchEvent(new WheelEvent('wheel', {deltaY: -200, clientX: arguments[0],"
    page.run(f"{wheel} clientY: arguments[1], cancelable: true}}))", box[0] + x, box[1] + y)
    page.settle()
    nearer = page.places()
    assert nearer[IDS[MIDDLE]] == pytest.approx((x, y), abs=4), "what is under the hand stays there"
    grown = apart(nearer, MIDDLE, WEST) / apart(before, MIDDLE, WEST)
    assert grown == pytest.approx(np.exp(0.32), rel=0.06)
    ActionChains(page.driver).drag_and_drop_by_offset(canvas, 60, -40).perform()
    page.settle()
    assert page.places()[IDS[MIDDLE]] == pytest.approx((x + 60, y - 40), abs=4)
    assert not page.driver.find_element("id", "sensor").is_displayed(), "a drag is no click"
    page.driver.find_element("id", "farther").click()
    page.settle()
    assert apart(page.places(), MIDDLE, WEST) == pytest.approx(apart(nearer, MIDDLE, WEST) / 1.6, rel=0.06)
    page.driver.find_element("id", "whole").click()
    page.settle()
    assert page.places()[IDS[NORTH]] == pytest.approx(before[IDS[NORTH]], abs=1)


def test_it_is_dark_where_the_reader_wants_that(page: Page) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(colour)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    page.settle()
    try:
        assert page.run(colour) != light
        slow, fast = (page.pixel(*page.places()[IDS[n]]) for n in (WEST, NORTH))
        assert sum(slow) > sum(fast), "on black, what calls for attention is bright"
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_it_fits_a_phone(page: Page) -> None:
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        page.open()
        page.click(*page.places()["south"])
        assert page.text("sensor-id") == "south"
        assert page.run("return document.documentElement.scrollWidth") == 360
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_sensors_at_one_place_are_reached_one_after_another(page: Page) -> None:
    places = DEGREES.copy()
    places[NORTH] = places[EAST] = places[SOUTH]
    plots.map_page(forecast(), graph(positions=places), history(), page.path)
    page.open()
    ((name, place),) = [one for one in page.places().items() if "more" in one[0]]
    assert name == "east (and 2 more here)"
    found = []
    for _ in range(3):
        page.click(*place)
        found.append(page.text("sensor-id"))
    assert found == ["east", "south", EVIL]


def test_ten_thousand_sensors_open_even_with_edges_that_cross_everywhere(page: Page) -> None:
    count, edges = 10_000, 30_000
    rng = np.random.default_rng(0)
    ids = tuple(f"S{n:05d}" for n in range(count))
    ends, weights = rng.integers(0, count, (2, edges)), rng.random(edges)
    crowd = SensorGraph(ids, sp.coo_array((weights, ends), (count, count)), rng.uniform([4, 52], [5, 53], (count, 2)))
    some = rng.integers(0, 5, count)
    future, past = forecast(), history()
    arrays = {name: getattr(future, name)[:, some] for name in ("values", "lower", "upper")}
    measured = history(values=past.values[:, some], observed=past.observed[:, some], sensors=ids)
    plots.map_page(forecast(**arrays, sensors=ids), crowd, measured, page.path)
    assert page.path.stat().st_size < 5e6
    page.open()
    assert page.text("many") == "10,000 sensors"
    page.search("S09999", Keys.ENTER)
    assert page.text("sensor-id") == "S09999"
    assert len(page.values()) == 19
