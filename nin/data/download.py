"""Fetching the full data set, when somebody asks for it.

The four published files come from where their authors put them, or from others who have them. They arrive
beside the final place and are moved there once their checksums are right.
"""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock, Timeout

from nin.data import dataset as data
from nin.data.fashion_mnist import DOWNLOAD_DIR, IDX_FILES
from nin.errors import DataError, Message
from nin.paths import queue_directory

PUBLISHED_AT = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",  # the authors' repository
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",  # as Keras fetches them
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com",  # the authors' first place
)
TOTAL_BYTES = 30_878_645  # of the four files as published
STALL_SECONDS = 30.0  # without a byte: given up
_CHUNK_BYTES = 1 << 16


def fetch(
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    target: Path = DOWNLOAD_DIR,
    addresses: Sequence[str] = PUBLISHED_AT,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """`fetch_in_parts` to its end; `on_progress` is told the share that has arrived."""
    for share in fetch_in_parts(target=target, addresses=addresses, stall_seconds=stall_seconds):
        on_progress(share)


def fetch_in_parts(
    *, target: Path = DOWNLOAD_DIR, addresses: Sequence[str] = PUBLISHED_AT, stall_seconds: float = STALL_SECONDS
) -> Iterator[float]:
    """Download Fashion-MNIST into `target`; yields the share that has arrived.

    Each file comes from the first of `addresses` that has it whole. Raises DataError where none has. Then, and where it is given up, what was there before stays as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = queue_directory() / "download.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, blocking=False):
            partial = target.with_name(f".{target.name}.partial")
            try:
                yield from _download(addresses, partial, stall_seconds)
                _put_in_place(partial, target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except Timeout as error:
        raise DataError("the download is already under way in another process: wait for it") from error
    except (OSError, HTTPException) as error:
        raise _failed(_reason(error, stall_seconds)) from error


def _reason(error: Exception, stall_seconds: float) -> object:
    reason = getattr(error, "reason", error)  # what urllib wraps
    if isinstance(reason, TimeoutError):
        return Message("nothing arrived for {seconds:.0f} s", {"seconds": stall_seconds})
    return reason


def _download(addresses: Sequence[str], directory: Path, stall_seconds: float) -> Iterator[float]:
    shutil.rmtree(directory, ignore_errors=True)
    # Where torchvision's downloader puts them, too: an older download is found as well.
    raw = directory / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    whole, shown, places = 0, 0.0, list(addresses)
    for file in IDX_FILES.values():
        path = raw / f"{file.name}.gz"
        for tried in range(1, len(places) + 1):
            try:
                for arrived in _fetch(f"{places[0]}/{path.name}", path, stall_seconds):
                    shown = max(shown, min((whole + arrived) / TOTAL_BYTES, 1.0))  # a second try takes back nothing
                    yield shown
                data.check_file(path, file)
                break
            except (OSError, HTTPException, DataError) as error:
                if isinstance(error, OSError) and not path.exists():  # not the network: there is no place to write
                    raise
                if tried == len(places):
                    raise
                places.append(places.pop(0))  # what did not work once is tried last from now on
        whole += path.stat().st_size


def _fetch(address: str, path: Path, stall_seconds: float) -> Iterator[int]:
    """Yields how many bytes have arrived."""
    with (
        path.open("wb") as saved,
        urllib.request.urlopen(address, timeout=stall_seconds) as response,  # noqa: S310  checked by MD5
    ):
        while chunk := response.read1(_CHUNK_BYTES):
            saved.write(chunk)
            yield saved.tell()


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
        "the download failed ({reason}): check the network, or bring the files and name their directory with --data DIR or NIN_DATA (Debian: apt-get install dataset-fashion-mnist)",
        reason=reason,
    )
