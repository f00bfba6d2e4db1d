"""Every dataset in small: its files, as its authors lay them out, with numbers made here."""

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.series.hdf_store import write_store

IDS = ["773869", "767541", "767542"]
TIMES_PER_DAY = 288


def numbers(*shape: int, low: float = 20, high: float = 70) -> NDArray[np.float64]:
    """Numbers of a shape, none of them 0, the same each time."""
    return np.random.default_rng(7).uniform(low, high, shape).round(2)


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def kernel() -> NDArray[np.float32]:
    return np.array([[1, 0.4, 0], [0.2, 1, 0], [0, 0, 1]], dtype=np.float32)


def write_metr_la(
    folder: Path, name: str = "metr-la", ids: list[str] | list[int] = IDS, first: str = "2012-03-01"
) -> None:
    """As in https://github.com/liyaguang/DCRNN: an HDF5 frame, a pickle of protocol 2, positions under a header."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    speed = numbers(6, 3)
    speed[2, 1] = 0
    times = pd.date_range(first, periods=6, freq="5min").as_unit("ns")
    write_store(place / f"{name}.h5", pd.DataFrame(speed, times, ids), key="df" if name == "metr-la" else "speed")
    names = [str(i) for i in ids]
    content = [names, {sensor: k for k, sensor in enumerate(names)}, kernel()]
    suffix = "" if name == "metr-la" else "_bay"
    (place / f"adj_mx{suffix}.pkl").write_bytes(pickle.dumps(content, protocol=2))
    rows = [(sensor, 34.1 + k / 100, -118.3 - k / 100) for k, sensor in enumerate(names)]
    if name == "metr-la":
        lines = ["index,sensor_id,latitude,longitude", *(f"{k},{s},{x},{y}" for k, (s, x, y) in enumerate(rows))]
    else:
        lines = [f"{s},{x},{y}" for s, x, y in rows]
    write_text(place / f"graph_sensor_locations{suffix}.csv", "\n".join(lines) + "\n")


def write_pems_bay(folder: Path) -> None:
    """The same with ids that are whole numbers, and positions without a header."""
    write_metr_la(folder, "pems-bay", [400001, 400017, 400030], "2017-01-01")


def write_pems0x(folder: Path, number: str) -> None:
    """As in https://github.com/guoshnBJTU/ASTGNN: an array ``data``, edges by number, in PEMS03 by id
    and with the ends of lines that it has.
    """
    place = folder / f"pems{number}"
    place.mkdir(parents=True, exist_ok=True)
    channels = 3 if number in {"04", "08"} else 1
    np.savez_compressed(place / f"PEMS{number}.npz", data=numbers(5, 3, channels))
    if number == "03":
        write_text(place / "PEMS03.txt", "313344\n313349\n313438\n")
        edges = "from,to,distance\r\r\n313349,313344,0.872\r\r\n313438,313438,0.0\r\r\n"
    else:
        edges = "from,to,cost\n0,1,352.6\n1,2,347.2\n0,1,352.6\n"
    write_text(place / f"PEMS{number}.csv", edges)


def write_pemsd7m(folder: Path, days: int = 5) -> None:
    """As unzipped from https://github.com/VeritasYin/STGCN_IJCAI-18: bare speeds, bare metres, a list of stations."""
    place = folder / "pemsd7-m"
    place.mkdir(parents=True, exist_ok=True)
    np.savetxt(place / "PeMSD7_V_228.csv", numbers(days * TIMES_PER_DAY, 3), delimiter=",", fmt="%.2f")
    metres = np.array([[0, 1000, 9000], [1000, 0, 2500], [9000, 2500, 0]], dtype=float)
    np.savetxt(place / "PeMSD7_W_228.csv", metres, delimiter=",", fmt="%.2f")
    rows = "".join(f"{k},{716939 + k},5,S,7,{34.0 + k / 100},-118.2\n" for k in range(3))
    write_text(place / "PeMSD7_M_Station_Info.csv", f",ID,Fwy,Dir,District,Latitude,Longitude\n{rows}")


def write_los_loop(folder: Path) -> None:
    """As in https://github.com/lehaifeng/T-GCN, here in the folder of METR-LA: ids above speeds, a bare matrix."""
    (folder / "metr-la").mkdir(parents=True, exist_ok=True)
    pd.DataFrame(numbers(6, 3), columns=IDS).to_csv(folder / "metr-la" / "los_speed.csv", index=False)
    both = np.maximum(kernel(), kernel().T)
    np.savetxt(folder / "metr-la" / "los_adj.csv", both, delimiter=",", fmt="%g")


def write_sz_taxi(folder: Path) -> None:
    """As in https://github.com/lehaifeng/T-GCN: ids of roads above speeds, zeros where no taxi passed."""
    place = folder / "sz-taxi"
    place.mkdir(parents=True, exist_ok=True)
    speed = numbers(6, 3)
    speed[0, 0] = 0
    pd.DataFrame(speed, columns=["90217", "90218", "90219"]).to_csv(place / "sz_speed.csv", index=False)
    np.savetxt(place / "sz_adj.csv", np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0]]), delimiter=",", fmt="%d")


STATIONS = {"1108148": 11, "400001": 4, "717446": 7, "801230": 8, "1201054": 12, "1118333": 11}


def largest_flows() -> pd.DataFrame:
    flows = numbers(12, len(STATIONS), low=1, high=400).round()
    flows[3, 0] = np.nan
    flows[6:9, 5] = np.nan
    times = pd.date_range("2019-01-01", periods=12, freq="5min").as_unit("ns")
    return pd.DataFrame(flows, times, list(STATIONS))


def write_largest(folder: Path) -> None:
    """As from Kaggle: a frame under ``t``, whose columns are the ids of the metadata, whose ID2 counts the matrix."""
    place = folder / "largest"
    place.mkdir(parents=True, exist_ok=True)
    write_store(place / "ca_his_raw_2019.h5", largest_flows(), key="t")
    header = "ID,Lat,Lng,District,County,Fwy,Lanes,Type,Direction,ID2"
    lines = [
        f"{name},{32.5 + k / 10},-117.{k},{area},San Diego,I5-N,4,Mainline,N,{k}"
        for k, (name, area) in enumerate(STATIONS.items())
    ]
    write_text(place / "ca_meta.csv", "\n".join([header, *lines]) + "\n")
    np.save(place / "ca_rn_adj.npy", np.eye(6) + np.eye(6, k=-5) * 0.3 + np.eye(6, k=2) * 0.2)


def write_i5n(folder: Path) -> None:
    place = folder / "i5n-2025-10"
    place.mkdir(parents=True, exist_ok=True)
    speed = numbers(6, 3).astype(np.float32)
    trusted = np.array([[0, 49, 50], [100, 75, 100]] * 3, dtype=np.uint8)
    first = int(np.datetime64("2025-10-01", "m").astype(int))
    np.savez_compressed(
        place / "wide.npz",
        speed=speed,
        flow=(speed * 3).round(),
        occupancy=speed / 1000,
        pct_observed=trusted,
        station=np.array([1114091, 1118333, 1118348]),
        timestamp=first + 5 * np.arange(6),
    )
    lines = ["ID,District,Abs_PM,Latitude,Longitude,Name"]
    lines += [
        f"{n},11,{mile},{32.5 + mile / 100},-117.0,Via" for n, mile in ((1114091, 0.22), (1118333, 1.1), (1118348, 2))
    ]
    write_text(place / "stations_in_order.csv", "\n".join(lines) + "\n")


def write_amsterdam(folder: Path) -> None:
    place = folder / "amsterdam-2018"
    place.mkdir(parents=True, exist_ok=True)
    speed = numbers(3, 2, 4).astype(np.uint8)
    speed[0, 1, 2] = 255
    flow = (numbers(3, 2, 4) * 40).astype(np.uint16)
    flow[1, 0, 0] = 65535
    np.savez_compressed(
        place / "decoded_2018.npz",
        speed_morning=speed,
        flow_morning=flow,
        speed_evening=speed[:2, :, :3] + 1,
        flow_evening=flow[:2, :, :3],
    )
    write_text(place / "evening_dates.csv", "evening_index_global,inferred_date\n0,2018-01-01\n1,2018-01-03\n")
    write_text(place / "edges.csv", "from,to\n0,1\n")
    write_text(place / "segments.csv", "segment,latitude,longitude,points\n0,52.40,4.85,3\n1,52.41,4.86,7\n")


def write_portland(folder: Path) -> None:
    """Gzipped tables whose first header cell is empty; the labels know whole minutes, and some of the detectors."""
    place = folder / "portland-i205"
    place.mkdir(parents=True, exist_ok=True)
    times = pd.date_range("2011-09-15 09:15", periods=8, freq="20s").delete([4, 5])
    ids = ["1345", "1346", "1353"]
    speed, volume = numbers(6, 3).round(), (numbers(6, 3) / 7).round()
    speed[1, 0] = volume[1, 0] = 0
    for name, cells in (("speed", speed), ("volume", volume)):
        pd.DataFrame(cells, times, ids).to_csv(place / f"{name}.csv.gz")
    marks = ["0,1", "1,1", "1,0", "0,0", "1,0", "0,1"]
    lines = [f"{time:%Y/%-m/%-d %-H:%M},{mark}" for time, mark in zip(times, marks, strict=True)]
    (place / "label.csv.gz").write_bytes(gzip.compress("\n".join([",1345,1353", *lines, ""]).encode()))


WRITERS: dict[str, Callable[[Path], None]] = {
    "metr-la": write_metr_la,
    "pems-bay": write_pems_bay,
    "pems03": lambda folder: write_pems0x(folder, "03"),
    "pems04": lambda folder: write_pems0x(folder, "04"),
    "pems07": lambda folder: write_pems0x(folder, "07"),
    "pems08": lambda folder: write_pems0x(folder, "08"),
    "pemsd7-m": write_pemsd7m,
    "los-loop": write_los_loop,
    "sz-taxi": write_sz_taxi,
    "largest-sd": write_largest,
    "largest-gba": write_largest,
    "largest-gla": write_largest,
    "largest-ca": write_largest,
    "i5n-2025-10": write_i5n,
    "amsterdam-2018": write_amsterdam,
    "portland-i205": write_portland,
    "synthetic": lambda folder: folder.mkdir(exist_ok=True),
}
