"""Conducting an experiment: this process trains what nobody else has in hand, until nothing is left.

Any number of processes, on any machines that see the same storage, may conduct the same experiment.
Each run waits for its device in the ordinary queue.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from nin.data import dataset as data
from nin.errors import RunError
from nin.experiments.folder import ExperimentFolder, Planned, Result
from nin.experiments.result import Took, drop_checkpoints, measure_result
from nin.process.speed import Load
from nin.process.worker import train_run
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run
from nin.training.records import Record
from nin.training.trainer import Trainer

HEARTBEAT_SECONDS = 2.0
MOST_MISSES = 3  # tries to take a run that another process turns out to have
OnResult = Callable[[Result], None]


class Conductor:
    """This process's part in an experiment."""

    def __init__(self, folder: ExperimentFolder, *, device: str = "auto", on_result: OnResult = lambda _: None) -> None:
        self.folder, self.device, self.on_result = folder, device, on_result
        self._name = f"{socket.gethostname()}-{os.getpid()}"
        self._beat_at = 0.0
        self._missed: Counter[str] = Counter()  # runs that another process turned out to have, and how often
        base = folder.experiment().base
        self.dataset = data.load(base.get("data"))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Say that the experiment is being conducted."""
        self.beat(force=True)
        try:
            yield
        finally:
            self.folder.worker_path(self._name).unlink(missing_ok=True)

    def conduct(self) -> str:
        """Train every planned run that is neither done nor in other hands; "done" or "stopped"."""
        with self.at_work():
            while not self.folder.wants_stop:
                if (planned := self._next()) is None:
                    return "done"
                if self.train(planned) is None and self._was_stopped(planned.run):
                    return "stopped"
        return "stopped"

    def _next(self) -> Planned | None:
        """What nobody has in hand; last what others had, since they may be gone."""
        free = [planned for planned in self.folder.planned() if not planned.result and not planned.run.is_taken]
        free = [planned for planned in free if self._missed[planned.run.id] < MOST_MISSES]
        return min(free, key=lambda planned: self._missed[planned.run.id], default=None)

    def train(self, planned: Planned) -> Result | None:
        """Train one run to its end; None where it was stopped, or another process has it."""
        run = self._prepared(planned)
        if run is None:
            return None
        has_begun = bool(run.checkpoints())
        began, cpu_began, load = time.monotonic(), time.process_time(), Load()
        try:
            state = train_run(run, resume=True, dataset=self.dataset, on_record=self._on_record)
        except RunError:  # another process was faster
            self._missed[run.id] += 1
            return None
        if state == "stopped":
            return None
        cpu_seconds = None if has_begun else time.process_time() - cpu_began
        took = Took(time.monotonic() - began, cpu_seconds, load.leaves(torch.get_num_threads()))
        result = measure_result(planned, self.dataset, took)
        drop_checkpoints(run)
        self.on_result(result)
        return result

    def _prepared(self, planned: Planned) -> Run | None:
        run = planned.run
        if run.exists:
            if run.wants_stop:
                run.steer(stop=False)
            return run
        try:
            return Run.create(replace(planned.config, device=self.device), run.path)
        except RunError:
            self._missed[run.id] += 1
            return None

    def _was_stopped(self, run: Run) -> bool:
        """A run that stopped without a word in the control file was stopped by a signal to this process."""
        return run.state == "stopped"

    def _on_record(self, _record: Record, _trainer: Trainer) -> None:
        self.beat()

    def beat(self, *, force: bool = False) -> None:
        """To be called now and then: this process is at work."""
        now = time.time()
        if force or now - self._beat_at > HEARTBEAT_SECONDS:
            self._beat_at = now
            write_json(self.folder.worker_path(self._name), {**this_process(), "heartbeat": now, "device": self.device})
