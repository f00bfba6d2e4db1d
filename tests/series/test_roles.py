from typing import Any

import pytest

from stgraph.errors import DataError
from stgraph.series.roles import USUAL, Layout, is_unnamed, layout_of, plain, role_of, split_unit

AUTHORITIES = {  # headers as German, French, Spanish, Dutch and English tables have them
    "en": "Timestamp,Station_ID,Avg Speed,Total Flow,Avg Occupancy",
    "de": "Zeitstempel,Zählstelle,Geschwindigkeit [km/h],Verkehrsstärke [Kfz/h],Belegung",
    "fr": "Date/Heure,Capteur,Vitesse moyenne (km/h),Débit,Taux d'occupation",
    "es": "FECHA,Detector,Velocidad,Intensidad,Ocupación",
    "nl": "tijdstip,meetpunt,snelheid,intensiteit,bezettingsgraad",
}


def lay(names: str, columns: dict[str, str] | None = None, channels: tuple[str, ...] = (), **how: Any) -> Layout:
    return layout_of(names.split(","), columns or {}, channels, "a.csv, line 1", **how)


@pytest.mark.parametrize("language", AUTHORITIES)
def test_usual_names_are_known_in_five_languages(language: str) -> None:
    layout = lay(AUTHORITIES[language])
    time, sensor, *columns = AUTHORITIES[language].split(",")
    assert (layout.time, layout.sensor, layout.left_out) == (time, sensor, ())
    assert layout.channels == tuple(zip(("speed", "flow", "occupancy"), columns, strict=True))


def test_usual_names_are_written_plainly_and_stand_for_one_thing() -> None:
    names = [name for names in USUAL.values() for name in names.split()]
    assert len(set(names)) == len(names)
    assert all(plain(name) == name for name in names)


def test_a_name_is_split_from_its_unit() -> None:
    assert split_unit(" v (mean) [km/h] ") == (" v (mean)", "km/h")
    assert split_unit("[km/h]") == ("[km/h]", "")
    assert lay(AUTHORITIES["de"]).units == ("km/h", "Kfz/h", "")


@pytest.mark.parametrize("name", ["773869", "", "v", "q", "times square", "station house", "5 Minutes"])
def test_other_names_mean_nothing(name: str) -> None:
    assert role_of(name) is None


def test_a_column_without_name_holds_times_where_no_other_does() -> None:
    assert is_unnamed(" Unnamed: 0")
    assert lay(",773869").time == ""
    assert lay("Unnamed: 0,773869").time == "Unnamed: 0"
    indexed = lay(",time,sensor,speed,lane")
    assert (indexed.time, indexed.left_out) == ("time", ("lane",))


def test_what_the_user_says_counts_before_usual_names() -> None:
    layout = lay("time,t,station,loop,speed,v", {"time": "t", "sensor": "loop", "speed": "v"})
    assert layout == Layout("t", "loop", (("speed", "v"),))
    assert layout.columns == {"time": "t", "sensor": "loop", "speed": "v"}
    assert lay("time,7,8", {"time": "time"}) == Layout("time")


def test_channels_that_are_asked_for_are_taken_in_their_order() -> None:
    assert lay("time,sensor,v_kfz,volume", channels=("volume", "speed")).channels == (
        ("volume", "volume"),
        ("speed", "v_kfz"),
    )
    assert lay("time,sensor,v,q", {"speed": "v"}, ("q", "speed")).channels == (("q", "q"), ("speed", "v"))


def test_without_usual_channels_every_column_is_one() -> None:
    layout = lay("time,sensor,v,q")
    assert (layout.channels, layout.left_out, layout.notes) == ((("v", "v"), ("q", "q")), (), ())


def test_a_row_a_channel_is_known_by_two_names() -> None:
    layout = lay("time,sensor,channel,value,unit,speed")
    assert (layout.stacked, layout.unit, layout.numbers) == (("channel", "value"), "unit", ["value"])
    assert layout.texts == ["time", "sensor", "channel", "unit"]
    assert lay("time,sensor,what,value", {"channel": "what"}).columns["channel"] == "what"


@pytest.mark.parametrize(
    ("names", "columns", "channels", "error"),
    [
        ("date,time,7", {}, (), r"columns \['date', 'time'\] may all be the time; say .* \(--column time=date\)"),
        (
            "time,station,loop,v",
            {},
            (),
            r"columns \['station', 'loop'\] may all be the sensor; .*--column sensor=station",
        ),
        ("time,loop,flow,volume", {}, (), r"columns \['flow', 'volume'\] may all be the flow; .*--column flow=flow"),
        ("time,loop,v", {"time": "when"}, (), r"expected the column 'when' for 'time' \(--column\), found .*'loop'"),
        ("time,loop,v", {"a": "v", "b": "v"}, (), r"expected another column for each of \['a', 'b'\] \(--column\), fo"),
        ("loop,v", {}, (), r"found sensors in column 'loop', but no column of times; .*\(--column time=NAME\)"),
        ("time,speed,7", {}, (), r"found channels in columns \['speed'\], but no column of sens.*--column sensor=NAME"),
        ("time,v,7", {"speed": "v"}, (), r"found channels in columns \['v'\], but no column of sensors"),
        ("time,loop", {}, (), r"expected a column of values beside \['time', 'loop'\], found none"),
        (
            "time,loop,v",
            {},
            ("flow",),
            r"expected one column 'flow' \(--column flow=NAME .*found columns \['time', 'lo",
        ),
        ("time,loop,v", {}, ("loop",), r"expected channels beside the columns \['time', 'loop'\], found \['loop'\]"),
    ],
)
def test_what_may_be_meant_or_not_is_an_error_that_says_the_flag(
    names: str, columns: dict[str, str], channels: tuple[str, ...], error: str
) -> None:
    with pytest.raises(DataError, match=rf"^a\.csv, line 1: {error}"):
        lay(names, columns, channels)
