"""Fetching the full set: progress, a time-out, and nothing spoilt where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from nin.data.download import fetch
from nin.errors import DataError

# Each stands in for torchvision's downloader: a program that is given a directory to fill.
HANGS = "import time; time.sleep(60)"
FAILS = "raise SystemExit('the host is unknown')"
DAMAGED = """
import gzip, pathlib, sys, time
raw = pathlib.Path(sys.argv[1], 'FashionMNIST', 'raw'); raw.mkdir(parents=True)
names = ('train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1')
for name in names:
    (raw / f'{name}-ubyte.gz').write_bytes(gzip.compress(bytes(1000)))
    time.sleep(0.3)
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "data" / "download"
    target.mkdir(parents=True)
    (target / "earlier").write_text("still good")
    return target


@pytest.mark.parametrize(
    ("code", "message"),
    [(HANGS, "stood still for 1 s"), (FAILS, "the host is unknown"), (DAMAGED, "wrong checksum")],
    ids=["hangs", "fails", "damaged"],
)
def test_a_download_that_goes_wrong_says_why_and_leaves_what_was_there(target: Path, code: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        fetch(target=target, stall_seconds=1.0, code=code)
    assert (target / "earlier").read_text() == "still good"
    assert [path.name for path in target.parent.iterdir()] == ["download"], "nothing half-done stays behind"


def test_a_place_that_cannot_be_written_and_a_second_download_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="the download failed"):
        fetch(target=tmp_path / "file" / "download", code=FAILS)

    second: list[str] = []

    def fetch_too(_: float) -> None:
        with pytest.raises(DataError) as refused:
            fetch(target=tmp_path / "other", code=FAILS)
        second.append(str(refused.value))

    with pytest.raises(DataError, match="wrong checksum"):  # the first goes its way
        fetch(fetch_too, target=tmp_path / "download", code=DAMAGED)
    assert "under way already" in second[0]


def test_progress_is_told_while_bytes_arrive(target: Path) -> None:
    shares: list[float] = []
    with pytest.raises(DataError):
        fetch(shares.append, target=target, code=DAMAGED)
    assert shares
    assert shares == sorted(shares)
    assert all(0 < share <= 1 for share in shares)
