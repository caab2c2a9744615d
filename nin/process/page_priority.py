"""Training on CPU cores makes room for a page that is being drawn.

Low priority decides who computes next, but two threads that train still take caches, memory
and their turns. A page that is drawn whole takes half a second of both the server and the
browser, and there is somebody who waits for it: the server says so by touching a file that all
trainings on these cores look at, and for that long they rest. A file, since whoever dies cannot
leave a training resting: what was asked for is over by itself.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from nin.paths import queue_directory

ASKED = "room"  # the file's name, beside the queue
REST_SECONDS = 0.5  # about what a page takes to be drawn
FIRST_WORK = 3.0  # seconds; whoever pressed Start waits for the first loss, not for the page
WORK_FOR_REST = 1.0  # seconds of training after each second of rest, however many visitors ask


def _asked_path() -> Path:
    return queue_directory() / ASKED


def ask_for_room() -> None:
    """Somebody waits for a page: trainings on this machine rest for REST_SECONDS."""
    path = _asked_path()
    with suppress(OSError):  # then it is only slower
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


class Courtesy:
    """Called by what trains as often as it can; waits where it was asked to."""

    def __init__(self) -> None:
        self._path = _asked_path()
        self._works_until = time.monotonic() + FIRST_WORK

    def __call__(self) -> None:
        began = time.monotonic()
        if began < self._works_until:
            return
        try:
            age = time.time() - self._path.stat().st_mtime
        except OSError:  # nobody ever asked
            return
        if 0 <= age < REST_SECONDS:  # a clock that was set back asks for nothing
            rest = REST_SECONDS - age
            time.sleep(rest)
            self._works_until = time.monotonic() + WORK_FOR_REST * rest
