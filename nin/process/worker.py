"""The training process: takes a run directory, waits for the device, trains, and says how it ended."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from filelock import FileLock, Timeout

from nin.data import dataset as data
from nin.engine.device import be_polite, choose_engine, use_all_cores
from nin.errors import LabError, RunError
from nin.process.device_queue import POLL_SECONDS, DeviceQueue
from nin.process.follower import lead
from nin.process.page_priority import PagePriority
from nin.process.recorder import Recorder
from nin.process.stop_signal import Stopped, StopSignal
from nin.storage.resume_point import latest_resume_point
from nin.storage.run import Run
from nin.storage.status import StatusFile
from nin.storage.weights import fitting_weights
from nin.training.fit import fit
from nin.training.records import Record
from nin.training.team import gather
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
    with _alone(run), StopSignal() as stop_signal, StatusFile(run) as status:
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
            status.update(state="failed", error=f"{type(error).__name__}: {error}{_note_details(run)}")
    return status.values["state"]


def _note_details(run: Run) -> str:
    """Write where the present exception came from to the run's log; returns where that is, if it worked."""
    try:
        with run.log_path.open("a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
    except OSError:  # most likely what went wrong in the first place
        return ""
    return f" (details in {run.log_path})"


@contextmanager
def _alone(run: Run) -> Iterator[None]:
    """Keep all other processes from training `run`; the system lets go of the lock if this one dies."""
    run.path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run.path / "lock", timeout=LET_GO_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(f"run {run.id} is training already: stop it first") from error
    except (NotImplementedError, OSError):  # a file system without locks: better unguarded than not at all
        pass
    try:
        yield
    finally:
        lock.release()


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
        status.update(
            device=engine.name,
            hardware=engine.hardware,
            threads=torch.get_num_threads(),
            bfloat16=engine.bfloat16,
            processes=1 if team is None else team.size,
        )
        with DeviceQueue(engine.name).ticket() as ticket:
            while ahead := ticket.ahead():
                if status.values["state"] != "queued":
                    print(f"waiting for {engine.name}: {ahead} ahead", flush=True)
                status.update(state="queued", ahead=ahead)
                if stop_signal.given or run.wants_stop:
                    raise Stopped
                time.sleep(POLL_SECONDS)
            status.update(state="starting", ahead=0)
            preset, recipe = config.network_recipe()
            state = latest_resume_point(run) if resume else None
            if dataset is None or config.data is not None:
                dataset = data.load(config.data)
            if state is not None:
                dataset = data.as_begun(dataset, state.checkpoint.extra.get("data_source", dataset.source))
            trainer = Trainer(
                preset, recipe, dataset, engine=engine, seed=config.seed, train_size=config.train_size, team=team
            )
            if engine.device.type == "cpu" and team is None:
                trainer.give_way = PagePriority().give_way
            if config.weights is not None and state is None:
                trainer.model.load_state_dict(fitting_weights(config.weights, preset))
            status.update(data=dataset.describe(config.train_size), source=dataset.source)
            recorder = Recorder(run, trainer, status, stop_signal)
            recorder.begin(state)
            if team is not None:
                lead(team, config, trainer)
            try:
                for record in fit(trainer):
                    recorder.record(record)
                    if on_record is not None:
                        on_record(record, trainer)
                    recorder.obey()
            except Stopped:
                recorder.save()
                raise
