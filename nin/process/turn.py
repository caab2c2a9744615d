"""A run's turn on its device: waited for, kept while it trains, and let go in a long pause."""

from __future__ import annotations

import time

from nin.process.device_queue import POLL_SECONDS, Ticket
from nin.process.stop_signal import Stopped, StopSignal
from nin.storage.run import Run
from nin.storage.status import StatusFile

# A pause of this length keeps its place: somebody looks at the curve and moves a slider. Whoever
# pauses for longer lets those go first who wait.
PAUSE_KEEPS_SECONDS = 60.0


class Turn:
    """What a run knows of the queue, told in its status.

    While it waits: "ahead", how many come first, and "waits_for", their run directories, the
    next one first. While it is paused: "gives_way_at" (Unix time), when it lets others pass, and
    "gave_way", whether it has.
    """

    def __init__(self, run: Run, ticket: Ticket, status: StatusFile, stop_signal: StopSignal) -> None:
        self._run, self._ticket, self._status, self._stop_signal = run, ticket, status, stop_signal
        self._gives_way_at: float | None = None  # on a clock that nobody sets; None while it is not paused
        self._gave_way = False

    def wait(self) -> None:
        """Return when the device is this run's; Stopped where it is to leave the queue before."""
        while ahead := self._ticket.ahead():
            if self._status.values["state"] != "queued":
                print(f"waiting for {self._status.values['device']}: {len(ahead)} ahead", flush=True)
            self._status.update(state="queued", ahead=len(ahead), waits_for=[run for run in ahead if run])
            if self._stop_signal.given or self._run.wants_stop:
                raise Stopped
            time.sleep(POLL_SECONDS)
        self._status.update(ahead=0, waits_for=[])

    def pause(self) -> None:
        """Called again and again during a pause: a long one gives the device to whoever waits."""
        now = time.monotonic()
        if self._gives_way_at is None:
            self._gives_way_at = now + PAUSE_KEEPS_SECONDS
            self._status.update(gives_way_at=time.time() + PAUSE_KEEPS_SECONDS, gave_way=False)
        if not self._gave_way and now >= self._gives_way_at and self._ticket.is_awaited():
            self._ticket.step_aside()
            self._gave_way = True
            self._status.update(gave_way=True)

    def end_pause(self) -> None:
        """Return when the device is this run's again: at once where nobody took it meanwhile."""
        if self._gave_way:
            self.wait()
        self._gives_way_at, self._gave_way = None, False
        self._status.update(gives_way_at=None, gave_way=False)
