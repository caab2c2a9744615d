"""Training on CPU cores pauses for a moment while somebody waits for a page.

A low process priority is not enough: two training threads still take caches, memory bandwidth
and their turns. Drawing a whole page takes the server and the browser about half a second, so
the server touches a file that every training on this machine looks at, and for that long they
pause. It is a file and not a lock, so that a server that crashes leaves no training waiting:
a request expires by itself.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from nin.paths import queue_directory

REQUEST = "room"  # the file's name, beside the queue
REST_SECONDS = 0.5  # about what a page takes to be drawn
FIRST_WORK = 3.0  # seconds; whoever pressed Start waits for the first loss, not for the page
WORK_FOR_REST = 1.0  # seconds of training after each second of rest, however many visitors ask


def _request_path() -> Path:
    return queue_directory() / REQUEST


def request_priority() -> None:
    """A page is about to be drawn whole: trainings on this machine pause for REST_SECONDS."""
    path = _request_path()
    with suppress(OSError):  # the page is only slower then
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


class PagePriority:
    """What a training looks at; `give_way` is to be called as often as possible."""

    def __init__(self) -> None:
        self._path = _request_path()
        self._works_until = time.monotonic() + FIRST_WORK

    def give_way(self) -> None:
        """Wait for as long as the latest request asks, if there is one."""
        began = time.monotonic()
        if began < self._works_until:
            return
        try:
            age = time.time() - self._path.stat().st_mtime
        except OSError:  # there never was a request
            return
        if 0 <= age < REST_SECONDS:  # a clock that was set back makes no request
            rest = REST_SECONDS - age
            time.sleep(rest)
            self._works_until = time.monotonic() + WORK_FOR_REST * rest
