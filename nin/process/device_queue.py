"""One run at a time per device; the others wait in order.

Servers and command lines of one user share the queue: a folder of tickets, oldest first, and a
lock that the operating system lets go of when its holder dies. Whoever has another folder for
temporary files (a container, a service of its own, another user) has another queue, unless
NIN_QUEUE names a common one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from nin.paths import queue_directory
from nin.storage.process_id import process_identity

POLL_SECONDS = 0.1


class DeviceQueue:
    def __init__(self, device: str, directory: Path | None = None) -> None:
        directory = directory or queue_directory()
        self._tickets = directory / device.replace(":", "-")
        self._tickets.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._tickets / "lock")

    @contextmanager
    def ticket(self) -> Iterator[Ticket]:
        """A place in the queue, given up at the end whether its turn came or not."""
        pid = os.getpid()
        # Names sort by time, so the folder's listing is the queue.
        path = self._tickets / f"{time.time_ns():020d}-{pid}-{process_identity(pid)['pid_started']:.0f}"
        path.touch()
        try:
            yield Ticket(self, path)
        finally:
            path.unlink(missing_ok=True)
            self._lock.release()

    def waiting_before(self, ticket: Path) -> int:
        """How many living tickets are older than `ticket`, the running one included."""
        older = [path for path in self._tickets.glob("*-*-*") if path.name < ticket.name]
        return sum(_holder_lives(path) for path in older)

    def try_lock(self) -> bool:
        with suppress(Timeout):
            self._lock.acquire(timeout=0)
        return self._lock.is_locked


class Ticket:
    def __init__(self, queue: DeviceQueue, path: Path) -> None:
        self._queue, self._path = queue, path

    def ahead(self) -> int:
        """How many come first; 0 means that the device is now this process's own."""
        self._path.touch()  # others may have taken it away: see `_holder_lives`
        before = self._queue.waiting_before(self._path)
        if before == 0 and not self._queue.try_lock():
            return 1
        return before


def _holder_lives(ticket: Path) -> bool:
    # A clock that is set makes a living holder look like another process; it puts its ticket back.
    _, pid, started = ticket.name.split("-")
    try:
        process = psutil.Process(int(pid))
        alive = abs(process.create_time() - float(started)) < 2 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        alive = False
    if not alive:
        ticket.unlink(missing_ok=True)
    return alive
