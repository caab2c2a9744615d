"""The training process: takes a run directory, trains, and keeps its files true.

`fit` yields records; this is where they become lines and files, and where the control file
becomes changes of the trainer.
"""

from __future__ import annotations

import json
import signal
import statistics
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from nin import data, speed
from nin.atomic import write_bytes, write_json
from nin.checkpoint import load_checkpoint, save_checkpoint
from nin.device import be_polite, choose_engine, use_all_cores
from nin.device_queue import POLL_SECONDS, DeviceQueue
from nin.distributed import gather
from nin.errors import LabError, RunError, SettingsError
from nin.runs import Run, Wanted, this_process
from nin.train import Epoch, Event, Progress, Record, Step, Trainer, fit
from nin.weights import find_weights

HEARTBEAT_SECONDS = 0.5
# Between two checkpoints: a second, so that pages can follow a run, or longer where writing one
# takes so long that it would cost training more than a fiftieth.
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_SHARE = 1 / 50
# Kept for good: dense early, where the network changes fastest, sparse late, and every epoch's last.
KEPT_STEPS = frozenset({0, *(2**k for k in range(20))})


class Stopped(Exception):
    """Somebody asked for a stop."""


def train_run(
    run: Run,
    *,
    resume: bool = False,
    dataset: data.Dataset | None = None,
    on_record: Callable[[Record, Trainer], None] | None = None,
) -> str:
    """Train `run` to its end in this process; returns the final state.

    "done", "stopped" (by the control file or a signal) or "failed" (the reason is in the
    status): errors are reported, not raised, so that no run is left looking alive. `dataset`
    spares loading it again; `on_record` sees every record after it was written.
    """
    be_polite()
    status = StatusFile(run)
    with StopSignal() as stop_signal, status:
        try:
            _train(run, status, stop_signal, resume=resume, dataset=dataset, on_record=on_record)
            status.update(state="done")
        except Stopped:
            status.update(state="stopped")
        except LabError as error:
            status.update(state="failed", error=str(error))
        except torch.OutOfMemoryError as error:
            status.update(state="failed", error=f"the device ran out of memory ({error}): choose a smaller batch")
        except Exception as error:
            traceback.print_exc()
            status.update(state="failed", error=f"{type(error).__name__}: {error} (details in {run.log_path})")
    return status.values["state"]


def _train(
    run: Run,
    status: StatusFile,
    stop_signal: StopSignal,
    *,
    resume: bool,
    dataset: data.Dataset | None,
    on_record: Callable[[Record, Trainer], None] | None,
) -> None:
    config = run.config()
    use_all_cores()
    with gather() as team:
        engine = choose_engine(config.device) if team is None else team.engine(config.device)
        status.update(device=engine.name, bfloat16=engine.bfloat16, processes=1 if team is None else team.size)
        with DeviceQueue(engine.name).ticket() as ticket:
            while ahead := ticket.ahead():
                status.update(state="queued", ahead=ahead)
                if stop_signal.given or run.wanted().stop:
                    raise Stopped
                time.sleep(POLL_SECONDS)
            status.update(state="starting", ahead=0)
            preset, recipe = config.network_recipe()
            if dataset is None or config.data is not None:
                dataset = data.load(config.data)
            trainer = Trainer(
                preset, recipe, dataset, engine=engine, seed=config.seed, train_size=config.train_size, team=team
            )
            if config.weights is not None:
                start_from(trainer, config.weights)
            status.update(data=dataset.describe(), source=dataset.source)
            recorder = Recorder(run, trainer, status, stop_signal)
            recorder.begin(resume=resume)
            if team is not None:
                team.begin(config, trainer)
            try:
                for record in fit(trainer):
                    recorder.record(record)
                    if on_record is not None:
                        on_record(record, trainer)
                    recorder.obey()
            except Stopped:
                recorder.save()
                raise


def start_from(trainer: Trainer, weights: str) -> None:
    """Begin with trained weights in place of fresh ones; RunError where they belong to another network.

    They may have been trained at another input size: no layer depends on it.
    """
    tensors = load_checkpoint(find_weights(weights)).tensors
    try:
        trainer.model.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(f"the weights {weights!r} do not fit the network {trainer.preset.name}") from error


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


class StatusFile:
    """status.json with a heartbeat: a thread rewrites it, so that a long step does not look dead."""

    def __init__(self, run: Run) -> None:
        self._path = run.path / "status.json"
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.values: dict[str, Any] = {"state": "starting", **this_process()}

    def update(self, **changes: Any) -> None:
        """Takes effect at the next heartbeat; at once where the state changes."""
        with self._lock:
            at_once = changes.get("state", self.values["state"]) != self.values["state"]
            self.values.update(changes)
        if at_once:
            self._write()

    def _write(self) -> None:
        with self._lock:
            self.values["heartbeat"] = time.time()
            write_json(self._path, self.values)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            self._write()

    def __enter__(self) -> StatusFile:
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._write()


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
