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

from filelock import FileLock, Timeout

from nin.paths import queue_directory
from nin.storage.files import write_bytes
from nin.storage.process_id import has_mark, start_mark

POLL_SECONDS = 0.1
_TICKETS = "[0-9]*-*-*"
_EXPECTED = "expected"  # a folder beside those of the devices
_EXPECTED_SECONDS = 60.0  # a process that has not come to a queue by then is waited for no longer


def expect(pid: int, holder: str = "", directory: Path | None = None) -> None:
    """Keep a place from now on for a process that was just started: it takes seconds to come to a queue.

    So whoever pressed Start first is first, also where another's process was ready sooner.
    """
    expected = (directory or queue_directory()) / _EXPECTED
    write_bytes(expected / _ticket_name(pid, expected), holder.encode())


def _ticket_name(pid: int, *folders: Path) -> str:
    """Names sort by time, so a folder's listing is the queue; also where the clock was set back."""
    latest = max((path.name for folder in folders for path in folder.glob(_TICKETS)), default="0")
    moment = max(time.time_ns(), int(latest.partition("-")[0]) + 1)
    return f"{moment:020d}-{pid}-{start_mark(pid)}"


class DeviceQueue:
    def __init__(self, device: str, directory: Path | None = None) -> None:
        directory = directory or queue_directory()
        self._tickets, self._expected = directory / device.replace(":", "-"), directory / _EXPECTED
        self._tickets.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._tickets / "lock")

    @contextmanager
    def ticket(self, holder: str = "") -> Iterator[Ticket]:
        """A place in the queue, given up at the end whether its turn came or not.

        `holder` is what others read of whom they wait for: the run's directory.
        """
        ticket = Ticket(self, self._tickets, self._expected, holder)
        try:
            yield ticket
        finally:
            ticket.step_aside()

    def holders(self) -> list[str]:
        """Who has a place now, in order: what each named itself, "" where it did not."""
        return [_holder(path) for path in sorted(self._tickets.glob(_TICKETS)) if _holder_lives(path)]

    def try_lock(self) -> bool:
        with suppress(Timeout):
            self._lock.acquire(timeout=0)
        return self._lock.is_locked

    def unlock(self) -> None:
        self._lock.release()


class Ticket:
    """A place in the queue: behind all that are older. Taken at once, and anew after it was given up."""

    def __init__(self, queue: DeviceQueue, directory: Path, expected: Path, holder: str) -> None:
        self._queue, self._directory, self._expected, self._holder = queue, directory, expected, holder
        self._path: Path | None = None
        self._line_up()

    def _line_up(self) -> Path:
        kept: list[Path] = []
        if self._path is None:
            pid = os.getpid()
            kept = sorted(self._expected.glob(f"*-{pid}-*"))
            name = kept[0].name if kept else _ticket_name(pid, self._directory, self._expected)
            self._path = self._directory / name
        if not self._path.exists():  # new, or others have taken it away: see `_holder_lives`
            write_bytes(self._path, self._holder.encode())
        for place in kept:
            place.unlink(missing_ok=True)
        return self._path

    def ahead(self) -> list[str]:
        """The holders that come first, the next one first; none means that the device is now this process's own."""
        own = self._line_up().name
        tickets = [*self._directory.glob(_TICKETS), *filter(_is_still_expected, self._expected.glob(_TICKETS))]
        tickets.sort(key=lambda path: path.name)
        older = [path for path in tickets if path.name < own and _holder_lives(path)]
        if not older and not self._queue.try_lock():
            return [""]  # who holds the device has no place in this queue
        return [_holder(path) for path in older]

    def is_awaited(self) -> bool:
        """Whether somebody waits behind this place."""
        return self._path is not None and any(
            path.name > self._path.name and _holder_lives(path) for path in self._directory.glob(_TICKETS)
        )

    def step_aside(self) -> None:
        """Give up the place and the device; whoever waits longest is next."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None
        self._queue.unlock()


def _is_still_expected(place: Path) -> bool:
    try:
        return abs(time.time() - place.stat().st_mtime) < _EXPECTED_SECONDS
    except OSError:
        return False


def _holder(ticket: Path) -> str:
    try:
        return ticket.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _holder_lives(ticket: Path) -> bool:
    # Where a clock that is set makes a living holder look like another process, it puts its ticket back.
    _, pid, mark = ticket.name.split("-")
    alive = has_mark(int(pid), mark)
    if not alive:
        ticket.unlink(missing_ok=True)
    return alive
