"""Fetching the full data set, when somebody asks for it.

The four published files come from where their authors put them. They arrive beside the final
place and are moved there once their checksums are right.
"""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock, Timeout

from nin.data import dataset as data
from nin.data.fashion_mnist import DOWNLOAD_DIR, IDX_FILES
from nin.errors import DataError, Message
from nin.paths import queue_directory

PUBLISHED_AT = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
TOTAL_BYTES = 30_878_645  # of the four files as published
STALL_SECONDS = 30.0  # without a byte: given up
_CHUNK_BYTES = 1 << 16


def fetch(
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    target: Path = DOWNLOAD_DIR,
    address: str = PUBLISHED_AT,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """`fetch_in_parts` to its end; `on_progress` is told the share that has arrived."""
    for share in fetch_in_parts(target=target, address=address, stall_seconds=stall_seconds):
        on_progress(share)


def fetch_in_parts(
    *, target: Path = DOWNLOAD_DIR, address: str = PUBLISHED_AT, stall_seconds: float = STALL_SECONDS
) -> Iterator[float]:
    """Download Fashion-MNIST into `target`; yields the share that has arrived.

    Raises DataError where it does not work. Then, and where it is given up, what was there before stays as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = queue_directory() / "download.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, blocking=False):
            partial = target.with_name(f".{target.name}.partial")
            try:
                yield from _download(address, partial, stall_seconds)
                data.load(partial)  # raises unless all four are there and right
                _put_in_place(partial, target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except Timeout as error:
        raise DataError("the download is already under way in another process: wait for it") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)  # what urllib wraps
        if isinstance(reason, TimeoutError):
            reason = Message("nothing arrived for {seconds:.0f} s", {"seconds": stall_seconds})
        raise _failed(reason) from error


def _download(address: str, directory: Path, stall_seconds: float) -> Iterator[float]:
    shutil.rmtree(directory, ignore_errors=True)
    # Where torchvision's downloader puts them, too: an older download is found as well.
    raw = directory / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    arrived = 0
    for file in IDX_FILES.values():
        with (
            urllib.request.urlopen(f"{address}/{file.name}.gz", timeout=stall_seconds) as response,  # noqa: S310  http, checked by MD5
            (raw / f"{file.name}.gz").open("wb") as saved,
        ):
            while chunk := response.read1(_CHUNK_BYTES):
                saved.write(chunk)
                arrived += len(chunk)
                yield min(arrived / TOTAL_BYTES, 1.0)


def _put_in_place(partial: Path, target: Path) -> None:
    before = target.with_name(f".{target.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if target.exists():
        target.rename(before)
    try:
        partial.rename(target)
    except OSError:
        if before.exists():
            before.rename(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _failed(reason: object) -> DataError:
    return DataError(
        "the download failed ({reason}): check the network, or install the files by hand (Debian: apt-get install dataset-fashion-mnist)",
        reason=reason,
    )
