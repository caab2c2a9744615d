"""Work that takes longer than a click may: done by a thread, watched by pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from nin.errors import LabError

Result = TypeVar("Result")


class Job(Generic[Result]):
    """Runs `work`, which yields (share done, result so far); the last result counts.

    Nothing of Streamlit may be used in `work`. A LabError ends the job and is kept in `error`.
    """

    def __init__(self, work: Callable[[], Iterator[tuple[float, Result]]]) -> None:
        self._work = work
        self._cancelled = threading.Event()
        self.share = 0.0
        self.latest: Result | None = None
        self.error: LabError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for share, result in self._work():
                self.latest, self.share = result, share
                if self._cancelled.is_set():
                    return
        except LabError as error:
            self.error = error

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> None:
        self._thread.join(seconds)
