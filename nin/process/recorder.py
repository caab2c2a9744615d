"""A run directory, written while a network trains.

`fit` yields records; here they become lines and files, and what the control file wants becomes
changes of the trainer.
"""

from __future__ import annotations

import errno
import json
import math
import os
import statistics
import time
from collections import deque
from dataclasses import asdict
from typing import Any

from nin.errors import Message, SettingsError
from nin.process import speed
from nin.process.device_queue import POLL_SECONDS
from nin.process.stop_signal import Stopped, StopSignal
from nin.process.turn import Turn
from nin.storage.files import write_bytes
from nin.storage.resume_point import ResumePoint, drop_resume_points, save_resume_point
from nin.storage.run import Run, Wanted
from nin.storage.status import StatusFile
from nin.training.diagnosis import Diagnosis, Watch
from nin.training.records import Epoch, Event, Progress, Record, Step
from nin.training.trainer import Trainer

# Between two checkpoints: a second, so that pages can follow a run, or longer where writing one
# takes so long that it would cost training more than a fiftieth.
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_SHARE = 1 / 50
# Kept for good: dense early, where the network changes fastest, sparse late, and every epoch's last.
KEPT_STEPS = frozenset({0, *(2**k for k in range(20))})
LANDMARK, EPOCH_END, BEFORE_A_CHANGE = 1, 2, 3  # what checkpoints are worth that are kept
DRAG_SECONDS = 3.0  # changes by hand that are closer to each other are one move of a slider
# Whether a raised learning rate does harm shows within so many steps: until then what was before it is kept.
SETTLED_STEPS = 50


class Recorder:
    """Turns records into lines, checkpoints and status, and the control file into changes."""

    def __init__(self, run: Run, trainer: Trainer, status: StatusFile, stop_signal: StopSignal, turn: Turn) -> None:
        self.run, self.trainer, self.status, self.stop_signal, self.turn = run, trainer, status, stop_signal, turn
        trainer.landmarks = KEPT_STEPS
        self._save_again_at = time.monotonic() + CHECKPOINT_SECONDS
        self._saved_step: int | None = None
        self._sound_step: int | None = None  # the last that was saved and is worth going back to
        self._raised_at: int | None = None  # the step at which the learning rate was last raised by hand
        self._changed_steps: set[int] = set()  # at which something was changed by hand
        self._changed_at = -math.inf
        self._before_change: tuple[int, dict[str, Any]] | None = None  # a step, and what held there until a change
        self._watch = Watch(trainer.batch_size)
        self._told: tuple[str, str] | None = None  # the diagnosis that was last written
        self._control_seen: object = None
        self._rates: deque[float] = deque(maxlen=200)  # images/s of the latest steps
        self._load = speed.Load()

    def begin(self, state: ResumePoint | None) -> None:
        """Go on from `state`; start afresh where there is none."""
        if state is None:
            write_bytes(self.run.metrics_path, b"")
            self.save()
        else:
            self._go_on(state)
        self._tell()
        self._show_progress()
        self.status.update(state="running")

    def _go_on(self, state: ResumePoint) -> None:
        """What the run did after its last checkpoint is taken back: it will be done again."""
        self.trainer.restore(state.checkpoint, state.optimizer)
        step = self.trainer.step
        drop_resume_points(self.run, step + 1)  # weights without their optimizer, and what is damaged
        if state.damaged:
            said = {"step": max(state.damaged), "older": step}
            self.status.warn(
                Message("the checkpoint of step {step} was damaged: training went on from that of step {older}", said)
            )
        again = step if self.trainer.evaluation_pending else None  # the epoch whose evaluation is still to be done
        kept = [
            row
            for row in self.run.metrics()
            if row.get("step", 0) <= step and not (row["kind"] == "epoch" and row.get("step") == again)
        ]
        write_bytes(self.run.metrics_path, "".join(json.dumps(row) + "\n" for row in kept).encode())
        for row in kept:
            self._watch.add(row)
            if row["kind"] == "event" and row["what"] in ("lr", "epochs"):
                self._changed_steps.add(row["step"])
        self._told = _kind(self._watch.diagnosis())
        self._saved_step = step
        self.record(Event(step, "resumed"))
        # Not least more epochs, without which a run that was done would have nothing to do.
        self.obey()

    def record(self, record: Record) -> None:
        match record:
            case Step():
                self._append("step", record)
                self._rates.append(record.images_per_second)
                self.status.update(
                    step=record.step,
                    epoch=record.epoch,
                    loss=record.loss,
                    lr=record.lr,
                    images_per_second=record.images_per_second,
                    phase="train",
                )
                if record.step in KEPT_STEPS and record.step == self.trainer.step:
                    self.save()
            case Epoch():
                self._append("epoch", record)
                if self._rates and self.trainer.team is None:
                    self._record_speed()
                self.status.update(test_accuracy=record.test_accuracy, test_n=record.test_n)
                self.save(again=True)  # the epoch has been evaluated
            case Event():
                self._append_line({"kind": "event", "step": record.step, "what": record.what, **record.details})
                if record.what == "diverged":
                    # To go on from what led there would lead there again.
                    drop_resume_points(self.run, record.step - 1 if self._sound_step is None else self._sound_step + 1)
                elif record.what == "eager":
                    self.status.warn(
                        Message("training without a CUDA graph, hence slower: {why}", {"why": record.details["why"]})
                    )
            case Progress():
                self.status.update(phase=record.phase, phase_done=record.done, phase_total=record.total)
        if not isinstance(record, Progress):
            self._tell()
        self._show_progress()
        if time.monotonic() > self._save_again_at:
            self.save()

    def end(self) -> None:
        """Training is over: say what has become of the run, however short it was."""
        found = self._watch.diagnosis(at_the_end=True)
        self.status.update(diagnosis=found and found.to_dict())

    def _tell(self) -> None:
        """Keep what is wrong with the run in its status; that this has changed is an event."""
        found = self._watch.diagnosis()
        self.status.update(diagnosis=found and found.to_dict())
        if (kind := _kind(found)) != self._told:
            if found is None or found.is_over:
                what = "recovered"
            else:  # from an explosion a network comes to guessing
                what = found.now if self._told and self._told[0] == found.what else found.what
            self._append_line({"kind": "event", "step": self.trainer.step, "what": what})
            self._told = kind

    def _record_speed(self) -> None:
        """The next run's estimate rests on this one's speed, where nothing else took the cores."""
        trainer = self.trainer
        is_sure = self._load.leaves(speed.cores_used(trainer.engine))
        rate = statistics.median(self._rates)
        speed.record(
            trainer.engine.name,
            speed.network_name(trainer.preset),
            rate,
            batch_size=trainer.batch_size,
            is_sure=is_sure,
        )
        self._load = speed.Load()

    def _append(self, kind: str, record: Step | Epoch) -> None:
        self._append_line({"kind": kind, **asdict(record)})
        if not isinstance(record, Step) or record.step - 1 != self._saved_step or not self._watch.is_well:
            return
        if self._raised_at is None or record.step - self._raised_at > SETTLED_STEPS:
            self._sound_step, self._raised_at = self._saved_step, None

    def _append_line(self, row: dict[str, Any]) -> None:
        # One write call per line: nobody ever reads two halves of different lines.
        line = (json.dumps(row, allow_nan=False) + "\n").encode()
        with self.run.metrics_path.open("ab", buffering=0) as file:
            if file.write(line) != len(line):  # the disk's last bytes: no checkpoint may be ahead of what is reported
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._watch.add(row)

    def _show_progress(self) -> None:
        trainer = self.trainer
        self.status.update(
            step=trainer.step,
            epoch=trainer.epoch,
            epochs=trainer.epochs,
            steps=trainer.total_steps,
            lr_next=trainer.lr,
            schedule=trainer.schedule.state(),
            seconds=trainer.seconds,
            batch_size=trainer.batch_size,
        )

    def obey(self) -> None:
        """Do what the control file wants; returns when training may go on, raises Stopped if not."""
        if self.stop_signal.given:
            raise Stopped
        wanted = self._read_control()
        if wanted is None:
            return
        self._apply(wanted)
        if wanted.paused:
            self.record(Event(self.trainer.step, "paused"))
            self.save()
            self.status.update(state="paused")
            while (wanted := self._read_control() or wanted).paused:
                if wanted.stop or self.stop_signal.given:
                    raise Stopped
                self._apply(wanted)
                self.turn.pause()
                time.sleep(POLL_SECONDS)
            self._apply(wanted)
            self.turn.end_pause()
            self.status.update(state="running")
            self.record(Event(self.trainer.step, "resumed"))
        if wanted.stop:
            raise Stopped

    def _read_control(self) -> Wanted | None:
        """What is wanted, when the file has changed since the last look."""
        try:
            found = (self.run.path / "control.json").stat()
        except OSError:
            return None
        seen = (found.st_mtime_ns, found.st_size, found.st_ino)
        if seen == self._control_seen:
            return None
        self._control_seen = seen
        try:
            return self.run.wanted()
        except SettingsError as error:
            self.record(Event(self.trainer.step, "rejected", {"why": str(error)}))
            self.status.warn(error.message)
            return self.run.switches()

    def _apply(self, wanted: Wanted) -> None:
        trainer = self.trainer
        if wanted.epochs is not None and wanted.epochs != trainer.epochs:
            # Epochs that are done or under way cannot be taken back.
            epochs = max(wanted.epochs, trainer.epoch)
            if epochs != trainer.epochs:
                self._keep_what_was_before()
                before, lr = trainer.epochs, trainer.lr
                trainer.epochs = epochs
                # A schedule is drawn out or pressed together over the epochs, and the rate jumps.
                rates = {"lr": trainer.lr, "lr_from": lr} if trainer.lr != lr else {}
                self.record(Event(trainer.step, "epochs", {"epochs": epochs, "from": before, **rates}))
        # After the epochs, by which a schedule moves the rate: what is set by hand holds exactly.
        schedule = trainer.schedule
        lets_go = wanted.follow_schedule and schedule.is_set_by_hand
        if wanted.lr is not None and (wanted.lr != schedule.wanted or lets_go):
            self._keep_what_was_before()
            before, set_before = trainer.lr, schedule.wanted
            if wanted.lr > before and self._raised_at is None and self._watch.is_well and not trainer.has_diverged:
                self.save()
                self._sound_step = self._raised_at = trainer.step
            if wanted.follow_schedule:
                trainer.follow_schedule(wanted.lr)
            else:
                trainer.lr = wanted.lr
            details = {"lr": trainer.lr, "from": before, "set_before": set_before, "seconds": trainer.seconds}
            follows = {"follow_schedule": True} if wanted.follow_schedule else {}
            self.record(Event(trainer.step, "lr", details | follows))

    def _keep_what_was_before(self) -> None:
        """What a fork goes on from that leaves out this change; of a drag of the slider, from before its first."""
        now = time.monotonic()
        is_drag, self._changed_at = now - self._changed_at < DRAG_SECONDS, now
        trainer = self.trainer
        if not is_drag and not trainer.has_diverged:
            self.save()
            self._changed_steps.add(trainer.step)
            if self._before_change is None or self._before_change[0] != trainer.step:
                self._before_change = trainer.step, {"schedule": trainer.schedule.state(), "epochs": trainer.epochs}

    def _worth(self, step: int) -> int:
        """Whether a checkpoint is kept when it is no longer the latest, and before which others."""
        if step in self._changed_steps:
            return BEFORE_A_CHANGE
        if step and step % self.trainer.steps_per_epoch == 0:
            return EPOCH_END
        return LANDMARK if step in KEPT_STEPS else 0

    def save(self, *, again: bool = False) -> None:
        """Write what the run is resumed from, unless this step's is written; `again` where more than weights changed."""
        began = time.monotonic()
        trainer = self.trainer
        for record in trainer.unreported():
            self._append("step", record)
        if trainer.has_diverged:  # the last good checkpoint is worth more
            return
        if trainer.step != self._saved_step or again:
            state = ResumePoint(trainer.checkpoint(), trainer.optimizer_tensors())
            # Written again when its epoch has been evaluated, it still says what held before the change: the control
            # file says the change to whoever goes on.
            if self._before_change is not None and self._before_change[0] == trainer.step:
                state.checkpoint.extra.update(self._before_change[1])
            save_resume_point(self.run, state, self._sound_step, self._worth)
            self._saved_step = trainer.step
        ended = time.monotonic()
        self._save_again_at = ended + max(CHECKPOINT_SECONDS, (ended - began) / CHECKPOINT_SHARE)


def _kind(found: Diagnosis | None) -> tuple[str, str] | None:
    return found and (found.what, found.now)
