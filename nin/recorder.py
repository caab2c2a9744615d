"""A run directory, written while a network trains.

`fit` yields records; here they become lines and files, and what the control file wants becomes
changes of the trainer.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from nin import speed
from nin.atomic import write_bytes
from nin.checkpoint import load_checkpoint, save_checkpoint
from nin.device_queue import POLL_SECONDS
from nin.errors import RunError, SettingsError
from nin.records import Epoch, Event, Progress, Record, Step
from nin.runs import Run, Wanted
from nin.status_file import StatusFile
from nin.stop_signal import Stopped, StopSignal
from nin.trainer import Trainer

# Between two checkpoints: a second, so that pages can follow a run, or longer where writing one
# takes so long that it would cost training more than a fiftieth.
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_SHARE = 1 / 50
# Kept for good: dense early, where the network changes fastest, sparse late, and every epoch's last.
KEPT_STEPS = frozenset({0, *(2**k for k in range(20))})


class Recorder:
    """Turns records into lines, checkpoints and status, and the control file into changes."""

    def __init__(self, run: Run, trainer: Trainer, status: StatusFile, stop_signal: StopSignal) -> None:
        self.run, self.trainer, self.status, self.stop_signal = run, trainer, status, stop_signal
        trainer.landmarks = KEPT_STEPS
        self._save_again_at = time.monotonic() + CHECKPOINT_SECONDS
        self._saved_step: int | None = None
        self._newest_unkept: Path | None = None
        self._control_seen: object = None
        self._rates: deque[float] = deque(maxlen=200)  # images/s of the latest steps

    def begin(self, *, resume: bool) -> None:
        """Start afresh or, to resume, go on from the last checkpoint where there is one."""
        if resume and self._optimizer_path.is_file():
            self._restore()
        else:
            self.run.metrics_path.write_bytes(b"")
            self.save()
        self._show_progress()

    def _restore(self) -> None:
        """What the run did after its last checkpoint is taken back: it will be done again."""
        step, optimizer = self._read_optimizer()
        self.trainer.restore(load_checkpoint(self.run.checkpoint_path(step)), optimizer)
        again = step if self.trainer.epoch_awaits_its_end else None  # the epoch whose evaluation is still to be done
        kept = [
            row
            for row in self.run.metrics()
            if row.get("step", 0) <= step and not (row["kind"] == "epoch" and row.get("step") == again)
        ]
        write_bytes(self.run.metrics_path, "".join(json.dumps(row) + "\n" for row in kept).encode())
        self._saved_step = step
        self.run.steer(paused=False, stop=False)
        self.record(Event(step, "resumed"))
        # Not least more epochs, without which a run that was done would have nothing to do.
        if (wanted := self._read_control()) is not None:
            self._apply(wanted)

    def _read_optimizer(self) -> tuple[int, dict[str, torch.Tensor]]:
        try:
            with safe_open(self._optimizer_path, framework="pt") as file:
                step = int(file.metadata()["step"])
                return step, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, KeyError, TypeError) as error:
            raise RunError(f"{self._optimizer_path} is damaged ({error}): start a new run") from error

    @property
    def _optimizer_path(self) -> Path:
        return self.run.path / "checkpoints" / "optimizer.safetensors"

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
                if self._rates:
                    speed.record(self.trainer.engine.name, self.trainer.preset.name, statistics.median(self._rates))
                self.status.update(test_accuracy=record.test_accuracy, test_n=record.test_n)
                self.save(keep=True)
            case Event():
                details = {"kind": "event", "step": record.step, "what": record.what, **record.details}
                self._append_line(details)
                if record.what == "stalled":
                    self.status.update(note=details)
                elif record.what == "eager":
                    self.status.update(warning=f"training without a CUDA graph, hence slower: {details['why']}")
            case Progress():
                self.status.update(phase=record.phase, phase_done=record.done, phase_total=record.total)
        self._show_progress()
        if time.monotonic() > self._save_again_at:
            self.save()

    def _append(self, kind: str, record: Step | Epoch) -> None:
        self._append_line({"kind": kind, **asdict(record)})

    def _append_line(self, row: dict[str, Any]) -> None:
        # One write call per line: nobody ever reads two halves of different lines.
        with self.run.metrics_path.open("ab", buffering=0) as file:
            file.write((json.dumps(row, allow_nan=False) + "\n").encode())

    def _show_progress(self) -> None:
        trainer = self.trainer
        self.status.update(
            state="running",
            step=trainer.step,
            epoch=trainer.epoch,
            epochs=trainer.epochs,
            steps=trainer.total_steps,
            lr_next=trainer.lr,
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
                time.sleep(POLL_SECONDS)
            self._apply(wanted)
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
            self.status.update(warning=str(error))
            return None

    def _apply(self, wanted: Wanted) -> None:
        trainer = self.trainer
        if wanted.lr is not None and wanted.lr != trainer.schedule.wanted:
            before = trainer.lr
            trainer.lr = wanted.lr
            self.record(Event(trainer.step, "lr", {"lr": wanted.lr, "from": before}))
        if wanted.epochs is not None and wanted.epochs != trainer.epochs:
            # Epochs that are done or under way cannot be taken back.
            epochs = max(wanted.epochs, trainer.epoch)
            if epochs != trainer.epochs:
                before, trainer.epochs = trainer.epochs, epochs
                self.record(Event(trainer.step, "epochs", {"epochs": epochs, "from": before}))

    def save(self, *, keep: bool = False) -> None:
        """Write the weights, then the optimizer's state, which names the step it belongs to."""
        began = time.monotonic()
        trainer = self.trainer
        for record in trainer.unreported():
            self._append("step", record)
        if trainer.has_diverged:  # the last good checkpoint is worth more
            return
        step = trainer.step
        path = self.run.checkpoint_path(step)
        if step != self._saved_step or keep:  # at the end of an epoch what goes with the weights has changed
            save_checkpoint(trainer.checkpoint(), path)
            tensors = {name: tensor.cpu().contiguous() for name, tensor in trainer.optimizer_tensors().items()}
            write_bytes(self._optimizer_path, save(tensors, {"step": str(step)}))
            if self._newest_unkept is not None and self._newest_unkept != path:
                self._newest_unkept.unlink(missing_ok=True)
            self._saved_step = step
        self._newest_unkept = None if keep or step in KEPT_STEPS else path
        ended = time.monotonic()
        self._save_again_at = ended + max(CHECKPOINT_SECONDS, (ended - began) / CHECKPOINT_SHARE)
