"""A folder that one process at a time has in hand; the system lets go of the lock if that one dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from nin.errors import LabError


@contextmanager
def locked(folder: Path, in_use: LabError, *, seconds: float = 0) -> Iterator[None]:
    """Hold the folder's lock; `in_use` is raised where another process keeps it for longer than `seconds`."""
    lock = FileLock(folder / "lock", timeout=seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise in_use from error
    except (NotImplementedError, OSError):  # a file system without locks: better unguarded than not at all
        pass
    try:
        yield
    finally:
        lock.release()
