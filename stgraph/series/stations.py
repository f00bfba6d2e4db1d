"""Where the stations of PeMS stand: its tab-separated station metadata as a table of sensors."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stgraph.delimited import rows
from stgraph.errors import DataError
from stgraph.series.find import Paths, find_files

TEXTS = {"Dir": "direction", "State_PM": "state_postmile", "Type": "kind", "Name": "name"}
WHOLE = {"Fwy": "freeway", "District": "district", "County": "county", "Lanes": "lanes"}
DECIMAL = {"Abs_PM": "postmile", "Latitude": "latitude", "Longitude": "longitude", "Length": "length"}
NEEDED = ("ID", *TEXTS, *WHOLE, *DECIMAL)


def read_pems_stations(paths: Paths, sensors: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the sensors that station metadata of PeMS describe, one row each, by id.

    The form is "Station Metadata" of the Data Clearinghouse (https://pems.dot.ca.gov/?dnode=Clearinghouse),
    ``d07_text_meta_2023_12_22.txt``: tab-separated, with a header of ID, Fwy, Dir, District, County, City, State_PM,
    Abs_PM, Latitude, Longitude, Length, Type, Lanes, Name and four User_ID.

    Args:
        paths: a file, a folder, a pattern, or a list of them. Where several describe a sensor, the last one counts.
        sensors: ids to return, in this order, such as those of a series; None = all.

    Returns:
        Index ``sensor`` (text); columns ``freeway``, ``direction``, ``kind`` (lane type, ML = mainline), ``lanes``,
        ``postmile`` (absolute, miles from the beginning of the freeway), ``latitude`` and ``longitude`` (degrees),
        ``length`` (miles, of the stretch that the station stands for), ``district``, ``county``, ``state_postmile`` and
        ``name``. Numbers that PeMS leaves empty are NaN or NA.

    Raises:
        DataError: no file, or one that is not of this form; names the line and the column. A sensor described twice in
            one file. None of a sensor that is asked for.
    """
    tables = [_read(path) for path in find_files(paths, "_text_meta_")]
    whole = pd.concat(tables)
    whole = whole[~whole.index.duplicated(keep="last")]
    if sensors is None:
        return whole
    absent = [sensor for sensor in sensors if sensor not in whole.index]
    if absent:
        message = f"{paths}: expected all sensors asked for, found no row of {len(absent)}: {absent[:5]}"
        raise DataError(message)
    return whole.loc[list(sensors)]


def _read(path: Path) -> pd.DataFrame:
    body = rows(path)
    line, names = next(body)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        message = f"{path}, line {line}: expected a header with {', '.join(NEEDED)}, found no {', '.join(missing)}"
        raise DataError(message)
    cells, lines = [], []
    for place, row in body:
        cells.append(row)
        lines.append(place)
    table = pd.DataFrame(cells, columns=names, dtype=object)
    repeated = table["ID"].duplicated()
    if repeated.any():
        k = int(repeated.to_numpy().argmax())
        message = f"{path}, line {lines[k]}, column 'ID': {table['ID'][k]!r} has a row already; expected one for each"
        raise DataError(message)
    numbers = {new: _numbers(table[old], path, lines) for old, new in (WHOLE | DECIMAL).items()}
    found = pd.DataFrame({new: table[old].astype(str) for old, new in TEXTS.items()} | numbers)
    found = found.astype(dict.fromkeys(WHOLE.values(), "Int64")).set_index(
        pd.Index(table["ID"], dtype=str, name="sensor")
    )
    order = ("freeway", "direction", "kind", "lanes", "postmile", "latitude", "longitude", "length")
    return found[[*order, "district", "county", "state_postmile", "name"]]


def _numbers(column: pd.Series, path: Path, lines: Sequence[int]) -> pd.Series:
    found = pd.to_numeric(column.where(column != ""), errors="coerce")
    bad = (found.isna() & (column != "")).to_numpy()
    if bad.any():
        k = int(bad.argmax())
        message = f"{path}, line {lines[k]}, column {column.name!r}: expected a number or an empty cell, found "
        raise DataError(message + repr(column[k]))
    return found
