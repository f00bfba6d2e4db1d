"""Random cell networks, and the cell transmission model once more: slow, obvious, with loops."""

import numpy as np

from stgraph.datasets.ctm import CellNetwork


def random_network(rng: np.random.Generator, junctions: int) -> CellNetwork:
    """Grow a network from its entries: ordinary links, diverges and merges of whatever ends are open."""
    cells, links, share, priority = 2, [], [], []
    open_ends = [0, 1]
    for kind in rng.integers(4, size=junctions):
        rng.shuffle(open_ends)
        if kind == 3 and len(open_ends) > 1:
            a, b = open_ends.pop(), open_ends.pop()
            p = float(rng.uniform(0.1, 0.9))
            links += [(a, cells), (b, cells)]
            share += [1.0, 1.0]
            priority += [p, 1 - p]
            new = 1
        else:
            start, new = open_ends.pop(), 1 + int(kind == 2)
            split = [1.0] if new == 1 else [0.3, 0.7]
            links += [(start, cells + i) for i in range(new)]
            share += split
            priority += [1.0] * new
        open_ends += list(range(cells, cells + new))
        cells += new
    lanes = rng.integers(1, 4, size=cells).astype(np.float64)
    return CellNetwork(
        length=rng.uniform(0.5, 1.0, size=cells),
        free_speed=rng.uniform(60, 100, size=cells),
        capacity=lanes * 2000.0,
        jam_density=lanes * 120.0,
        links=np.array(links),
        share=np.array(share),
        priority=np.array(priority),
    )


class Twin:
    """The same model with loops over cells and junctions, straight from Daganzo's two papers."""

    def __init__(self, net: CellNetwork, *, step_seconds: float) -> None:
        self.net, self.hours = net, step_seconds / 3600
        self.vehicles = [0.0] * len(net.length)
        self.queue = [0.0] * len(net.entries)

    def step(self, arriving: list[float], speed_factor: float, capacity_factor: list[float]) -> list[float]:
        net, h, n = self.net, self.hours, self.vehicles
        cells = range(len(n))
        capacity = [net.capacity[i] * capacity_factor[i] * h for i in cells]
        sending = [min(net.free_speed[i] * speed_factor * h / net.length[i] * n[i], capacity[i]) for i in cells]
        room = [net.jam_density[i] * net.length[i] - n[i] for i in cells]
        receiving = [min(net.wave_speed[i] * h / net.length[i] * room[i], capacity[i]) for i in cells]
        out_of: dict[int, list[int]] = {}
        into: dict[int, list[int]] = {}
        for link, (start, end) in enumerate(net.links.tolist()):
            out_of.setdefault(start, []).append(link)
            into.setdefault(end, []).append(link)
        moved = [0.0] * len(net.links)
        for links in into.values():
            if len(links) == 2:
                self._merge(links, sending, receiving, moved)
        for links in out_of.values():
            ends = [int(net.links[link, 1]) for link in links]
            if any(len(into[end]) == 2 for end in ends):
                continue
            start = int(net.links[links[0], 0])
            total = min([sending[start], *(receiving[e] / net.share[k] for k, e in zip(links, ends, strict=True))])
            for link in links:
                moved[link] = net.share[link] * total
        leaving = [sum(moved[k] for k in out_of[i]) if i in out_of else sending[i] for i in cells]
        for i in cells:
            n[i] += sum(moved[k] for k in into.get(i, [])) - leaving[i]
        for place, entry in enumerate(net.entries.tolist()):
            self.queue[place] += arriving[place] * h
            entering = min(self.queue[place], receiving[entry])
            self.queue[place] -= entering
            n[entry] += entering
        return [x / h for x in leaving]

    def _merge(self, links: list[int], sending: list[float], receiving: list[float], moved: list[float]) -> None:
        (a, b), supply = links, receiving[int(self.net.links[links[0], 1])]
        wants = {k: sending[int(self.net.links[k, 0])] for k in links}
        for one, other in ((a, b), (b, a)):
            if wants[a] + wants[b] <= supply:
                moved[one] = wants[one]
            else:
                moved[one] = sorted([wants[one], supply - wants[other], self.net.priority[one] * supply])[1]
