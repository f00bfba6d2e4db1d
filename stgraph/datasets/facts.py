"""What is known of a dataset, as data: its facts, its files, and the addresses that they can be fetched from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """Where a file can be fetched from.

    Args:
        url: http or https.
        digest: of the bytes that it gives: ``sha256:...``, ``md5:...``, or ``git:...``, the id under which Git keeps
            the file; empty where unknown.
        source: where address and digest were read.
        verified: whether anybody has fetched the file from there for this library. If not, every output says so.
    """

    url: str
    digest: str = ""
    source: str = ""
    verified: bool = False

    def __str__(self) -> str:
        """Return the address, what is known of its bytes, and whether anybody has tried it."""
        known = self.digest or "digest unknown: the first one seen is recorded and must stay"
        return f"{self.url} ({'' if self.verified else 'unverified: not tried yet; '}{known})"


@dataclass(frozen=True)
class DataFile:
    """A file of a dataset. Files of one role stand for each other: the first that is there is read.

    Args:
        role: what its reader takes it for, such as ``"series"``.
        path: where it lies in the data folder, and where it is fetched to.
        also: other places in the data folder where it may lie.
        size: bytes, where known.
        addresses: where to fetch it, the best first; empty where that takes a hand.
        needed: whether the dataset cannot be read without a file of this role.
    """

    role: str
    path: str
    also: tuple[str, ...] = ()
    size: int | None = None
    addresses: tuple[Address, ...] = ()
    needed: bool = True


@dataclass(frozen=True)
class DatasetFacts:
    """All that is known of a dataset but its numbers.

    Args:
        name: by which it is loaded.
        title: one line for people.
        channels: what is measured, first what is usually forecast.
        units: one a channel.
        sensors: how many.
        steps: how many.
        interval: between two steps, such as ``"5min"``.
        first: first day.
        last: last day.
        timezone: IANA zone of the wall clock; times are local, without a zone.
        unobserved: what counts as not measured, in words.
        missing: values that stand for "not measured".
        adjacency: how it was made, and what its entries mean.
        directed: whether it differs from its transpose.
        weighted: whether its entries differ from 0 and 1.
        licence: terms of use.
        citation: authors, year, title.
        link: of the citation.
        files: to read it from; none if it is simulated.
        login: whether fetching takes an account.
        by_hand: how to come by the files where no address works.
        notes: what else to know: defects, conventions.
    """

    name: str
    title: str
    channels: tuple[str, ...]
    units: tuple[str, ...]
    sensors: int
    steps: int
    interval: str
    first: str
    last: str
    timezone: str
    unobserved: str
    adjacency: str
    directed: bool
    weighted: bool
    licence: str
    citation: str
    link: str
    missing: tuple[float, ...] = ()
    files: tuple[DataFile, ...] = ()
    login: bool = False
    by_hand: str = ""
    notes: str = ""

    @property
    def roles(self) -> dict[str, tuple[DataFile, ...]]:
        """Files by role, in the order in which they are looked for."""
        names = dict.fromkeys(file.role for file in self.files)
        return {role: tuple(file for file in self.files if file.role == role) for role in names}

    @property
    def measured(self) -> str:
        """Channels with their units."""
        return ", ".join(f"{name} [{unit}]" for name, unit in zip(self.channels, self.units, strict=True))

    def describe(self) -> dict[str, str]:
        """Return the facts by name, in words, without those that say nothing."""
        kind = f"{'directed' if self.directed else 'both ways'}, {'weighted' if self.weighted else 'weights 1'}"
        facts = {
            "title": self.title,
            "measured": self.measured,
            "size": f"{self.steps:,} steps of {self.interval}, {self.sensors:,} sensors",
            "period": f"{self.first} to {self.last}, local time ({self.timezone})",
            "unobserved": self.unobserved,
            "adjacency": f"{self.adjacency} ({kind})",
            "licence": self.licence,
            "cite": f"{self.citation}, {self.link}",
            "login": "needed" if self.login else "",
            "by hand": self.by_hand,
            "notes": self.notes,
        }
        return {name: text for name, text in facts.items() if text}


def on_github(repository: str, commit: str, path: str, digest: str) -> Address:
    """Return the address of a file in a public repository at one commit.

    >>> on_github("owner/data", "0123456789abcdef", "a.csv", "").url
    'https://raw.githubusercontent.com/owner/data/0123456789abcdef/a.csv'
    """
    url = f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"
    return Address(url, digest, source=f"a copy of github.com/{repository} at commit {commit[:7]}")
