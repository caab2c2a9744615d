"""Being asked to stop: by a signal, or by the control file."""

from __future__ import annotations

import signal
import threading


class Stopped(Exception):
    """Somebody asked for a stop."""


class StopSignal:
    """Ctrl-C and a polite kill, noticed between two records, so that no step is cut in half."""

    given = False

    def __enter__(self) -> StopSignal:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _note(self, number: int, _frame: object) -> None:
        self.given = True
        # A second one is not to be argued with.
        signal.signal(number, self._before[number])

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
