"""Fetching the full set: progress, a time-out, and nothing spoilt where it fails."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nin.data import dataset, download, fashion_mnist
from nin.data.download import fetch
from nin.data.fashion_mnist import IDX_FILES, IdxFile
from nin.errors import DataError


class Server(ThreadingHTTPServer):
    """Serves what lies in `content` by path; where that is None it says nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path not in self.server.content:
            self.send_error(404)
            return
        content = self.server.content[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content or bytes(1000))))
        self.end_headers()
        if content is None:
            self.server.ended.wait()
        else:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Small files in the place of the published ones, with the table of checksums to match."""
    server = Server()
    table = {}
    for (split, what), file in IDX_FILES.items():
        n, sizes = (3, (3, 28, 28)) if what == "images" else (3, (3,))
        content = bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
        content += bytes(n * (784 if what == "images" else 1))
        table[split, what] = IdxFile(file.name, hashlib.md5(content, usedforsecurity=False).hexdigest())
        server.content[f"/{file.name}.gz"] = gzip.compress(content)
    for module in (dataset, fashion_mnist, download):
        monkeypatch.setattr(module, "IDX_FILES", table)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "data" / "download"
    target.mkdir(parents=True)
    (target / "earlier").write_text("still good")
    return target


LABELS = "/t10k-labels-idx1-ubyte.gz"  # the last that is asked for


def test_what_was_downloaded_takes_the_place_of_what_was_there_and_is_used(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    fetch(shares.append, target=target, addresses=[server.address])
    assert [path.name for path in target.parent.iterdir()] == ["download"]
    assert not (target / "earlier").exists()
    assert len(dataset.load(target).train.labels) == 3
    assert shares == sorted(shares)
    assert all(0 < share <= 1 for share in shares)
    monkeypatch.delenv("NIN_DATA")
    monkeypatch.setattr(fashion_mnist, "DOWNLOAD_RAW_DIR", target / "FashionMNIST" / "raw")
    assert fashion_mnist.find_source() == "download"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({LABELS: None}, "nothing arrived for 1 s"),
        ({}, "Not Found"),
        ({LABELS: gzip.compress(b"\0\0\x08\x01\0\0\0\0")}, "wrong checksum"),
        ({LABELS: b"<html>Please log in to the network of this hotel</html>"}, "cannot be read"),
    ],
    ids=["silence", "not there", "another file", "a page in between"],
)
def test_a_download_that_goes_wrong_says_why_and_leaves_what_was_there(
    server: Server, target: Path, content: dict[str, bytes | None], message: str
) -> None:
    del server.content[LABELS]
    server.content.update(content)
    with pytest.raises(DataError, match=message):
        fetch(target=target, addresses=[server.address], stall_seconds=1.0)
    assert server.asked[-1] == LABELS
    assert (target / "earlier").read_text() == "still good"
    assert [path.name for path in target.parent.iterdir()] == ["download"], "nothing half-done stays behind"


def test_what_one_place_does_not_have_or_has_damaged_comes_from_another(server: Server, target: Path) -> None:
    good = dict(server.content)
    server.content |= {f"/damaged{path}": gzip.compress(b"\0\0\x08\x01\0\0\0\0") for path in good}
    server.content[f"/damaged{next(iter(good))}"] = next(iter(good.values()))
    shares: list[float] = []
    places = [f"{server.address}/empty", f"{server.address}/damaged", server.address]
    fetch(shares.append, target=target, addresses=places)
    assert len(dataset.load(target).train.labels) == 3
    assert shares == sorted(shares)
    # Where a place has failed once it is not asked again first.
    assert [path.partition("/t")[0] for path in server.asked] == ["/empty", "/damaged", "/damaged", "", "", ""]


def test_the_places_to_fetch_from_are_several_and_safe() -> None:
    assert len(download.PUBLISHED_AT) >= 3
    assert all(address.startswith("https://") for address in download.PUBLISHED_AT)


def test_a_server_that_is_not_there_is_told(target: Path) -> None:
    with pytest.raises(DataError, match=r"the download failed \(.*refused.*\): check the network"):
        fetch(target=target, addresses=["http://127.0.0.1:9"])


def test_a_place_that_cannot_be_written_and_a_second_download_are_refused_in_words(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="the download failed"):
        fetch(target=tmp_path / "file" / "download", addresses=[server.address])

    second: list[str] = []

    def fetch_too(_: float) -> None:
        with pytest.raises(DataError) as refused:
            fetch(target=tmp_path / "other", addresses=[server.address])
        second.append(str(refused.value))

    fetch(fetch_too, target=tmp_path / "download", addresses=[server.address])
    assert "already under way" in second[0]
