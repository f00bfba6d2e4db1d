"""A server on this machine that cuts connections, knows ranges or does not, and remembers what it was asked."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Site:
    """What a server gives.

    Args:
        files: bytes by path.
        ranges: whether it knows them.
        shift: bytes by which it misses the range that is asked for.
        cut_after: bytes after which it cuts each of its next answers; it gives the others whole.
        busy: how many of its next answers are 503.
        moved: paths that redirect to others.
        base: its address.
        asked: path and range of each request, in their order.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    shift: int = 0
    cut_after: list[int] = field(default_factory=list)
    busy: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    base: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.base}{path}"


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.site.asked.append((self.path, wanted))
        if self.site.busy:
            self.site.busy -= 1
            self.send_error(503)
            return
        if self.path in self.site.moved:
            self.send_response(302)
            self.send_header("Location", self.site.moved[self.path])
            self.end_headers()
            return
        whole = self.site.files.get(self.path)
        if whole is None:
            self.send_error(404)
            return
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.site.ranges else 0
        begin += self.site.shift if begin else 0
        if begin and begin >= len(whole):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole) - begin))
        self.end_headers()
        answer = whole[begin:]
        if self.site.cut_after:
            answer = answer[: self.site.cut_after.pop(0)]
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfSite", (Handler,), {"site": (one := Site())}))
    one.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    server.shutdown()
    thread.join()
    server.server_close()
