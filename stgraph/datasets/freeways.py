"""The facts of the synthetic dataset's roads: three freeways of a made-up city, each a row of numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ramps:
    """A local junction: in each direction an off-ramp and, 0.8 km on, an on-ramp."""

    km: float
    on: tuple[float, float]  # veh/h at the height of the peak, along and against the kilometres
    off: float  # share of the traffic that leaves


@dataclass(frozen=True)
class Freeway:
    """One freeway: a smooth curve, with its lanes and junctions at kilometres along it."""

    name: str
    directions: tuple[str, str]  # along and against the kilometres
    course: tuple[tuple[float, float], ...]  # points of the curve, km east and north of the centre
    inflow: tuple[float, float]  # veh/h at the height of the peak where each direction begins
    wide: tuple[float, float]  # kilometres between which there are four lanes; three elsewhere
    ramps: tuple[Ramps, ...]


FREEWAYS = (
    Freeway(
        name="A",
        directions=("N", "S"),
        course=((1.5, -8.6), (0.3, -5.0), (0.9, -2.0), (0.0, 0.0), (-0.7, 2.5), (0.2, 5.5), (-0.6, 8.6)),
        inflow=(5400, 5300),
        wide=(7.2, 9.6),
        ramps=(
            Ramps(2.4, on=(1360, 400), off=0.08),
            Ramps(5.2, on=(1200, 1600), off=0.09),
            Ramps(6.9, on=(1500, 950), off=0.15),
            Ramps(11.2, on=(400, 1000), off=0.15),
            Ramps(15.8, on=(1400, 1600), off=0.10),
        ),
    ),
    Freeway(
        name="B",
        directions=("E", "W"),
        course=((-8.8, -1.6), (-5.0, -0.6), (-2.5, -0.9), (0.0, 0.0), (3.0, 1.3), (5.5, 1.0), (8.6, 2.2)),
        inflow=(5300, 5300),
        wide=(9.2, 12.4),
        ramps=(
            Ramps(2.0, on=(1330, 400), off=0.08),
            Ramps(4.6, on=(1320, 1600), off=0.10),
            Ramps(6.6, on=(350, 960), off=0.15),
            Ramps(11.6, on=(1600, 1600), off=0.14),
        ),
    ),
    Freeway(
        name="C",
        directions=("E", "W"),
        course=((-7.5, 7.4), (-4.0, 5.2), (0.0, 4.8), (3.2, 4.0), (5.0, 1.2), (6.8, -2.0), (7.2, -5.6)),
        inflow=(4700, 4700),
        wide=(0.0, 0.0),
        ramps=(
            Ramps(3.0, on=(1400, 300), off=0.08),
            Ramps(5.4, on=(1100, 640), off=0.09),
            Ramps(11.0, on=(1280, 1600), off=0.10),
            Ramps(17.0, on=(440, 1600), off=0.09),
        ),
    ),
)
