"""Work that takes longer than a click may: done by a thread, watched by pages."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import streamlit as st

from nin.errors import LabError
from ui.base.messages import show_error

Result = TypeVar("Result")
NICENESS = 10  # of a job's thread; 0 is that of the pages


class Job(Generic[Result]):
    """Runs `work`, which yields (share done, result so far); the last result counts.

    It runs while somebody holds it. Given up by the last one before its end, it begins anew for the next.
    Nothing of Streamlit may be used in `work`. A LabError ends the job and is kept in `error`.
    """

    def __init__(self, work: Callable[[], Iterator[tuple[float, Result]]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._holders = 0
        self._given_up = threading.Event()
        self.share = 0.0
        self.latest: Result | None = None
        self.error: LabError | None = None
        self.is_done = False

    @property
    def is_begun(self) -> bool:
        return self._holders > 0

    def hold(self) -> None:
        with self._lock:
            self._holders += 1
            if self._holders == 1 and not self.is_done:
                self.share, self.latest = 0.0, None
                # Each thread has its own: the one that was given up may not have noticed yet.
                self._given_up = threading.Event()
                threading.Thread(target=self._run, args=(self._given_up,), daemon=True).start()

    def let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._given_up.set()

    def _run(self, given_up: threading.Event) -> None:
        _step_back()
        try:
            for share, result in self._work():
                if given_up.is_set():
                    return
                self.latest, self.share = result, share
        except LabError as error:
            self.error = error
        finally:
            with self._lock:  # who takes hold again meanwhile has a thread of their own
                if not given_up.is_set():
                    self.is_done = True


def _step_back() -> None:
    """This thread, and those that compute for it, take what pages leave over. Only Linux lets threads differ in that."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def is_ready(job: Job[Result], text: Callable[[str], str]) -> bool:
    """Whether a job has its result. Until then a progress bar stands here; the page is drawn again when it has.

    `text` stands over the bar; it gets the share that is done. What ended with an error is a message.
    """
    if not job.is_done:
        st.fragment(_progress, run_every=0.5)(job, text)
    elif job.error is not None:
        show_error(job.error)
    return job.is_done and job.latest is not None


def _progress(job: Job[Result], text: Callable[[str], str]) -> None:
    st.progress(job.share, text(f"{job.share:.0%}"))
    if job.is_done:
        st.rerun()
