"""Which column of a table holds what: as the user says, or by its usual name in five languages."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stgraph.errors import DataError

USUAL = {
    "time": """time timestamp datetime date_time date zeit zeitstempel zeitpunkt datum datum_zeit datum_uhrzeit uhrzeit
        messzeit horodatage horodate date_heure heure fecha fecha_hora hora tijd tijdstip tijdstempel datum_tijd""",
    "sensor": """sensor sensor_id station station_id detector detector_id detid loop loop_id site site_id detektor
        detektor_id messstelle messquerschnitt zahlstelle zaehlstelle capteur id_capteur boucle point_de_mesure espira
        estacion punto_de_medida meetpunt meetlocatie""",
    "speed": """speed avg_speed avgspeed average_speed mean_speed geschwindigkeit v_kfz vitesse vitesse_moyenne
        velocidad velocidad_media vmed snelheid gemiddelde_snelheid""",
    "flow": """flow total_flow totalflow volume traffic_volume count vehicle_count verkehrsstarke verkehrsstaerke
        verkehrsmenge q_kfz debit intensidad intensiteit""",
    "occupancy": """occupancy avg_occupancy avgoccupancy occ belegung belegungsgrad occupation taux_occupation
        taux_d_occupation ocupacion bezetting bezettingsgraad""",
}
"""Names of columns in English, German, French, Spanish and Dutch, as `plain` writes them."""
CHANNELS = ("speed", "flow", "occupancy")
_ROLES = {name: role for role, names in USUAL.items() for name in names.split()}
_UNIT = re.compile(r"(.*\S)\s*[\[(]\s*([^\])]*?)\s*[\])]\s*", flags=re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """Which column of a table holds what.

    Args:
        time: column of times; None = the index of the table, or nowhere.
        sensor: column of sensor ids of a long table; None = a wide table, one column a sensor.
        channels: of a long table, each channel and the column of its values.
        stacked: columns of channel names and of values, where a long table has one row a channel; then no `channels`.
        unit: column of units beside `stacked`.
        left_out: columns that are not read, though nobody said so.
    """

    time: str | None = None
    sensor: str | None = None
    channels: tuple[tuple[str, str], ...] = ()
    stacked: tuple[str, str] | None = None
    unit: str | None = None
    left_out: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        """The column of each role and channel, as a user would name them."""
        keys = {"time": self.time, "sensor": self.sensor, "unit": self.unit}
        keys |= dict(zip(("channel", "value"), self.stacked or (), strict=False))
        return {role: name for role, name in (*keys.items(), *self.channels) if name is not None}

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the columns that are left out, where there are such."""
        names = ", ".join(repr(name) for name in self.left_out)
        return (f"columns that are not read: {names}; --column CHANNEL=NAME takes one",) * bool(self.left_out)

    @property
    def texts(self) -> list[str]:
        """Columns of a long table that hold text."""
        names = (self.time, self.sensor, self.stacked and self.stacked[0], self.unit)
        return [name for name in names if name is not None]

    @property
    def numbers(self) -> list[str]:
        """Columns of a long table that hold numbers."""
        return [self.stacked[1]] if self.stacked else [column for _, column in self.channels]

    @property
    def units(self) -> tuple[str, ...]:
        """What the names of columns say of the unit of each channel."""
        return tuple("" if channel == column else split_unit(column)[1] for channel, column in self.channels)


def layout_of(
    names: Sequence[str], columns: Mapping[str, str], channels: Sequence[str], place: str, *, timed: bool = False
) -> Layout:
    """Return which column of a table holds what.

    Args:
        names: of the columns, each once.
        columns: column of a role that the user names: ``time``, ``sensor``, ``channel``, ``value``, ``unit`` of a
            table, or of a channel.
        channels: channels that the user asks for; empty = the usual ones, or all columns where there is none of them.
        place: of the names, for errors.
        timed: whether the first column holds times, whatever its name.

    Raises:
        DataError: a column that is not there, or two that may be meant; says which flag settles it.

    >>> layout = layout_of(["Datum", "Zählstelle", "Spur", "v_kfz (km/h)"], {}, [], "a.csv")
    >>> layout.time, layout.sensor, layout.channels, layout.units, layout.left_out
    ('Datum', 'Zählstelle', (('speed', 'v_kfz (km/h)'),), ('km/h',), ('Spur',))
    """
    _check_given(names, columns, place)
    time, sensor = (_find(role, names, columns, place) for role in ("time", "sensor"))
    first = names[0] if names and (timed or is_unnamed(names[0])) else None
    time = first if time is None and first not in {sensor, *columns.values()} else time
    if sensor is None:
        _refuse_channels(names, columns, place)
        return Layout(time)
    if time is None:
        message = f"{place}: found sensors in column {sensor!r}, but no column of times; {_say('time', 'NAME')}"
        raise DataError(message)
    rest = [name for name in names if name not in {time, sensor} and not is_unnamed(name)]
    stacked = tuple(columns.get(role, role) for role in ("channel", "value"))
    if set(stacked) <= set(rest):
        unit = columns.get("unit", "unit")
        return Layout(time, sensor, stacked=(stacked[0], stacked[1]), unit=unit if unit in rest else None)
    if channels:
        return Layout(time, sensor, _asked(rest, columns, channels, (time, sensor), place))
    found = {c: name for c, name in columns.items() if c not in {"time", "sensor"}}
    found = found or {c: name for c in CHANNELS if (name := _find(c, rest, columns, place)) is not None}
    left_out = tuple(name for name in rest if found and not columns and name not in found.values())
    chosen = sorted(found.items(), key=lambda pair: rest.index(pair[1])) or [(name, name) for name in rest]
    if not chosen:
        message = f"{place}: expected a column of values beside {[time, sensor]}, found none"
        raise DataError(message)
    return Layout(time, sensor, tuple(chosen), left_out=left_out)


def role_of(name: object) -> str | None:
    """Return what a column of this name holds, if the name is a usual one.

    >>> role_of("Zeitstempel"), role_of("Débit [véh/h]"), role_of("773869")
    ('time', 'flow', None)
    """
    return _ROLES.get(plain(split_unit(str(name))[0]))


def split_unit(name: str) -> tuple[str, str]:
    """Split a name from a unit in brackets behind it.

    >>> split_unit("v_kfz [km/h]"), split_unit("speed")
    (('v_kfz', 'km/h'), ('speed', ''))
    """
    match = _UNIT.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def plain(name: str) -> str:
    """Write a name in small letters without accents, its words joined by underscores.

    >>> plain(" Date/Heure "), plain("Verkehrsstärke")
    ('date_heure', 'verkehrsstarke')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "_".join(re.findall(r"[^\W_]+", bare))


def is_unnamed(name: str) -> bool:
    """Return whether a column has no name, or the one that pandas gives to such a column."""
    return name.strip().lower() in {"", "unnamed: 0"}


def _say(role: str, name: str) -> str:
    return f"say which, columns={{{role!r}: {name!r}}} (--column {role}={name})"


def _check_given(names: Sequence[str], columns: Mapping[str, str], place: str) -> None:
    for role, name in columns.items():
        if name not in names:
            message = f"{place}: expected the column {name!r} for {role!r} (--column), found columns {list(names)}"
            raise DataError(message)
    given = list(columns.values())
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        roles = [role for role, name in columns.items() if name == twice]
        message = f"{place}: expected another column for each of {roles} (--column), found {twice!r}"
        raise DataError(message)


def _find(role: str, names: Sequence[str], columns: Mapping[str, str], place: str) -> str | None:
    """Return the column that the user gives a role, or the only one with a usual name for it."""
    if role in columns:
        return columns[role]
    found = [name for name in names if name not in columns.values() and role_of(name) == role]
    if len(found) > 1:
        message = f"{place}: columns {found} may all be the {role}; {_say(role, found[0])}"
        raise DataError(message)
    return found[0] if found else None


def _refuse_channels(names: Sequence[str], columns: Mapping[str, str], place: str) -> None:
    """Raise an error where columns of a wide table are those of a long one without its sensors."""
    given = [name for role, name in columns.items() if role != "time"]
    found = [name for name in names if name in given or (role_of(name) in CHANNELS and name not in columns.values())]
    if found:
        message = f"{place}: found channels in columns {found}, but no column of sensors; {_say('sensor', 'NAME')}"
        raise DataError(message)


def _asked(
    rest: Sequence[str], columns: Mapping[str, str], channels: Sequence[str], keys: tuple[str, str], place: str
) -> tuple[tuple[str, str], ...]:
    """Return the columns of the channels that the user asks for."""
    taken = [name for name in channels if name in keys]
    if taken:
        message = f"{place}: expected channels beside the columns {list(keys)}, found {taken}"
        raise DataError(message)
    chosen = [(c, c if c in rest and c not in columns else _find(c, rest, columns, place)) for c in channels]
    absent = [channel for channel, column in chosen if column is None]
    if absent:
        hint = f"(--column {absent[0]}=NAME where it has another name)"
        message = f"{place}: expected one column {absent[0]!r} {hint}, found columns {[*keys, *rest]}"
        raise DataError(message)
    return tuple((channel, column) for channel, column in chosen if column is not None)
