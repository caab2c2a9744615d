"""Fetching the full data set, when somebody asks for it.

torchvision's own downloader does the work, in a process of its own so that a server that does
not answer can be given up on. Files arrive beside the final place and are moved there once
their checksums are right.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from nin.data import dataset
from nin.data.fashion_mnist import DOWNLOAD_DIR
from nin.errors import DataError
from nin.paths import queue_directory

TOTAL_BYTES = 30_878_645  # of the four files as published
STALL_SECONDS = 30.0  # without a byte: given up
_POLL_SECONDS = 0.25
_DOWNLOAD = "import sys; from torchvision.datasets import FashionMNIST as F; F(sys.argv[1], train=True, download=True)"


def fetch(
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    target: Path = DOWNLOAD_DIR,
    stall_seconds: float = STALL_SECONDS,
    code: str = _DOWNLOAD,
) -> None:
    """Download Fashion-MNIST into `target`; `on_progress` is told the share that has arrived.

    Raises DataError where it does not work; what was there before stays as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = queue_directory() / "download.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, blocking=False):
            _fetch(on_progress, target, stall_seconds, code)
    except Timeout as error:
        raise DataError("the download is under way already, in another process: wait for it") from error
    except OSError as error:
        raise _failed(str(error)) from error


def _fetch(on_progress: Callable[[float], None], target: Path, stall_seconds: float, code: str) -> None:
    partial, before = (target.with_name(f".{target.name}.{name}") for name in ("partial", "before"))
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    # A file, not a pipe: nobody reads along, and a progress bar would fill a pipe and stand still.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, "-c", code, str(partial)], stdout=output, stderr=output)
        try:
            _watch(process, partial, on_progress, stall_seconds)
            if process.returncode:
                output.seek(0)
                lines = output.read().decode(errors="replace").split()
                raise _failed(" ".join(lines[-20:]) or f"exit status {process.returncode}")
            dataset.load(partial)  # raises unless all four are there and right
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
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(partial, ignore_errors=True)


def _watch(
    process: subprocess.Popen[bytes], partial: Path, on_progress: Callable[[float], None], stall_seconds: float
) -> None:
    """Return when the process has ended; DataError when nothing has arrived for too long."""
    seen, seen_at = 0, time.monotonic()
    while process.poll() is None:
        time.sleep(_POLL_SECONDS)
        size = _size_of(partial)
        if size > seen:
            seen, seen_at = size, time.monotonic()
            on_progress(min(size / TOTAL_BYTES, 1.0))
        elif time.monotonic() - seen_at > stall_seconds:
            raise _failed(f"it stood still for {stall_seconds:.0f} s")


def _size_of(partial: Path) -> int:
    size = 0
    for path in partial.rglob("*.gz*"):
        with suppress(FileNotFoundError):  # renamed since it was listed
            size += path.stat().st_size
    return size


def _failed(reason: str) -> DataError:
    return DataError(
        f"the download failed ({reason}): check the network, or install the files by hand "
        f"(Debian: apt-get install dataset-fashion-mnist)"
    )
