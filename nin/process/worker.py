"""The training process: takes a run directory, waits for the device, trains, and says how it ended."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from nin.data import dataset as data
from nin.engine.device import Engine, be_polite, choose_engine, use_all_cores
from nin.engine.self_check import check_engine
from nin.errors import LabError, Message, RunError
from nin.process.device_queue import DeviceQueue
from nin.process.follower import lead
from nin.process.page_priority import PagePriority
from nin.process.recorder import Recorder
from nin.process.stop_signal import Stopped, StopSignal
from nin.process.turn import Turn
from nin.storage.files import cannot_write
from nin.storage.folder_lock import locked
from nin.storage.resume_point import ResumePoint, clean_up, latest_resume_point
from nin.storage.run import Run, RunConfig
from nin.storage.status import StatusFile
from nin.storage.weights import fitting_weights
from nin.training.fit import fit
from nin.training.records import Record
from nin.training.team import Team, gather
from nin.training.trainer import Trainer

LET_GO_SECONDS = 5.0  # for a process that has said how its training ended and is about to leave


def train_run(
    run: Run,
    *,
    resume: bool = False,
    dataset: data.Dataset | None = None,
    on_record: Callable[[Record, Trainer], None] | None = None,
) -> str:
    """Train `run` to its end in this process; returns the final state.

    "done", "stopped" (by the control file or a signal) or "failed" (the reason is in the
    status): errors of a training are reported, not raised, so that no run is left looking alive.
    `dataset` spares loading it again; `on_record` sees every record after it was written. Raises
    RunError where another process trains the run already.
    """
    be_polite()
    with _claimed(run), StopSignal() as stop_signal, StatusFile(run) as status:
        try:
            _Training(run, status, stop_signal, resume, dataset, on_record).go()
            status.update(state="done")
        except Stopped:
            status.update(state="stopped")
        except LabError as error:
            status.fail(error.message)
        except Exception as error:
            noted = _note_details(run)
            status.fail(_known_fault(error) or _fault_of_ours(error, run.log_path if noted else None))
    return status.values["state"]


# What torch says, as an error of no kind of its own, where the machine's memory or a GPU fails it.
_NO_MEMORY = re.compile("can't allocate memory|not enough memory|[Cc]annot allocate memory")
_DEVICE_GONE = re.compile("CUDA error|cuDNN error|HIP error|MPS backend")


def _known_fault(error: Exception) -> Message | None:
    """What is wrong with the machine, and what to do; None for what else may go wrong."""
    first_line = {"error": str(error).strip().partition("\n")[0] or type(error).__name__}
    if isinstance(error, torch.OutOfMemoryError):
        return Message("the device ran out of memory ({error}): choose a smaller batch", first_line)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return Message(
            "the machine ran out of memory ({error}): end other programs and go on from the last checkpoint, or start again with a smaller batch",
            first_line,
        )
    if isinstance(error, OSError):
        return cannot_write(error)
    if isinstance(error, RuntimeError) and _DEVICE_GONE.search(str(error)):
        return Message(
            "the device failed ({error}): see whether it is still there, then go on from the last checkpoint",
            first_line,
        )
    return None


def _fault_of_ours(error: Exception, log: Path | None) -> Message:
    said = f"{type(error).__name__}: {error}"
    return (
        Message("{error} (details in {log})", {"error": said, "log": log})
        if log
        else Message("{error}", {"error": said})
    )


def _note_details(run: Run) -> bool:
    """Write where the present exception came from to the run's log; returns whether that worked."""
    try:
        with run.log_path.open("a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
    except OSError:  # most likely what went wrong in the first place
        return False
    return True


@contextmanager
def _claimed(run: Run) -> Iterator[None]:
    """Keep all other processes from training `run`; the system lets go of the lock if this one dies."""
    run.path.mkdir(parents=True, exist_ok=True)
    in_use = RunError("run {run} is already training: stop it first", run=run.id)
    with locked(run.path, in_use, seconds=LET_GO_SECONDS):
        clean_up(run)
        yield


@dataclass
class _Training:
    """A claimed run's way from its configuration to its last step."""

    run: Run
    status: StatusFile
    stop_signal: StopSignal
    resume: bool
    dataset: data.Dataset | None  # loaded already
    on_record: Callable[[Record, Trainer], None] | None

    def go(self) -> None:
        """Wait for the device, load, build or resume, train. Stopped where it is told to."""
        config = self.run.config()
        use_all_cores()
        with gather() as team:
            engine = self._choose_engine(config, team)
            with DeviceQueue(engine.name).ticket(str(self.run.path.absolute())) as ticket:
                turn = Turn(self.run, ticket, self.status, self.stop_signal)
                turn.wait()
                self.status.update(state="starting")
                state = latest_resume_point(self.run) if self.resume else None
                if state is None and config.fork_of is not None:
                    raise RunError(
                        "run {run} has lost the checkpoint that it was forked from: fork again", run=self.run.id
                    )
                trainer = self._build(config, self._load(config, state), engine, team, state)
                recorder = Recorder(self.run, trainer, self.status, self.stop_signal, turn)
                recorder.begin(state)
                if team is not None:
                    lead(team, config, trainer)
                self._train(trainer, recorder)

    def _choose_engine(self, config: RunConfig, team: Team | None) -> Engine:
        engine = choose_engine(config.device) if team is None else team.engine(config.device)
        preset, _ = config.network_recipe()
        checked = check_engine(engine, preset.architecture, may_leave=team is None)
        if checked.fault is not None:
            print(f"nin: {checked.fault}", flush=True)
            self.status.warn(checked.fault)
        engine = checked.engine
        self.status.update(
            device=engine.name,
            hardware=engine.hardware,
            threads=torch.get_num_threads(),
            bfloat16=engine.bfloat16,
            processes=1 if team is None else team.size,
        )
        return engine

    def _load(self, config: RunConfig, state: ResumePoint | None) -> data.Dataset:
        """The images that were asked for; those that a resumed run was begun on."""
        dataset = self.dataset
        if dataset is None or config.data is not None:
            dataset = data.load(config.data)
        if state is not None:
            dataset = data.as_begun(dataset, state.checkpoint.extra.get("data_source", dataset.source))
        if config.test_size is not None:
            dataset = replace(dataset, test=dataset.test.first(config.test_size))
        self.status.update(data=dataset.describe(config.train_size), source=dataset.source)
        return dataset

    def _build(
        self, config: RunConfig, dataset: data.Dataset, engine: Engine, team: Team | None, state: ResumePoint | None
    ) -> Trainer:
        preset, recipe = config.network_recipe()
        trainer = Trainer(
            preset, recipe, dataset, engine=engine, seed=config.seed, train_size=config.train_size, team=team
        )
        if engine.device.type == "cpu" and team is None:
            trainer.give_way = PagePriority().give_way
        if config.weights is not None and state is None:
            trainer.model.load_state_dict(fitting_weights(config.weights, preset))
        return trainer

    def _train(self, trainer: Trainer, recorder: Recorder) -> None:
        try:
            for record in fit(trainer):
                recorder.record(record)
                if self.on_record is not None:
                    self.on_record(record, trainer)
                recorder.obey()
        except Stopped:
            recorder.save()
            raise
        finally:
            recorder.end()
