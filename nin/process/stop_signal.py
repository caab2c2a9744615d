"""Being asked to stop: by a signal, or by the control file."""

from __future__ import annotations

import signal
import threading


class Stopped(Exception):
    """Somebody asked for a stop."""


# SIGHUP: the terminal was closed; SIGBREAK is its counterpart on Windows. No system has all four.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


class StopSignal:
    """Ctrl-C, a polite kill and a closed terminal, noticed between two records, so that no step is cut in half.

    What the process was told to ignore it ignores: `nohup` goes on when its terminal is closed.
    """

    given = False

    def __enter__(self) -> StopSignal:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._note) for number in heeded}
        return self

    def _note(self, number: int, _frame: object) -> None:
        self.given = True
        # A second one ends the process at once; but a closed terminal is reported twice, by the shell and the system.
        if number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._before[number])

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
