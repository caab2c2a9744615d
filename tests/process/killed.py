"""A tiny training that is killed again and again at moments of chance, and resumed.

    python -m tests.process.killed     reads a line of JSON for each training, and prints its process

Importing torch takes longer than the training: so one process imports it, and forks a child for each.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from nin.errors import WeightsError
from nin.storage.checkpoint import load_checkpoint
from nin.storage.resume_point import latest_resume_point
from nin.storage.run import Run, RunConfig, all_runs
from tests.running import TINY, rows, wait_until

EPOCH = 10  # steps
CHECKPOINT_SECONDS = 0.01  # so often that a kill falls into the writing of one more often than not
SECONDS = 90.0  # that a busy machine is given for anything


class Nursery:
    """The process that forks trainings."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.process.killed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def train(self, run: Run, **limits: int) -> psutil.Process:
        """`run` in training from its last checkpoint, in a process of its own."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"run": str(run.path), "limits": limits}) + "\n")
        self._process.stdin.flush()
        return psutil.Process(int(self._process.stdout.readline()))

    def close(self) -> None:
        for process in psutil.Process(self._process.pid).children():
            process.kill()
        self._process.kill()
        self._process.communicate()


@contextmanager
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()


def finish(nursery: Nursery, run: Run) -> None:
    """Train `run` to its end."""
    nursery.train(run)
    wait_until(lambda: run.state == "done", SECONDS)


def kill_and_resume(nursery: Nursery, folder: Path, *, kills: int, epochs: int, seed: int) -> dict[str, int]:
    """A run that is killed `kills` times does what one did that nobody touched; returns what was met on the way."""
    whole, killed = (Run.create(RunConfig(**TINY, epochs=epochs), folder / name) for name in ("whole", "killed"))
    finish(nursery, whole)
    chance = random.Random(seed)
    met = dict.fromkeys(("kills", "before its first step", "with a file half written", "checkpoints read"), 0)
    while met["kills"] < kills:
        met["checkpoints read"] += _kill(nursery, killed, chance, kills - met["kills"])
        met["kills"] += 1
        met["before its first step"] += not killed.metrics()
        met["with a file half written"] += any(killed.path.rglob("*.tmp"))
        if chance.random() < 0.5 and killed.metrics_path.exists():
            with killed.metrics_path.open("ab") as file:
                file.write(b'{"kind": "step", "st')  # as a kill in the middle of a line leaves it
        # Not lost, not said to be alive, and what there is of it is whole.
        assert killed.state == "interrupted"
        assert killed in all_runs(folder)
        point = latest_resume_point(killed)
        assert point is None or not point.damaged
        _read_all(killed)
    finish(nursery, killed)
    _assert_same(whole, killed)
    return met


def _kill(nursery: Nursery, run: Run, chance: random.Random, kills_left: int) -> int:
    """Train on and kill it anywhere on its way: in its first moments, or when it has come further."""
    reached, read = max(run.checkpoints(), default=0), 0
    left = run.config().resolved().epochs * EPOCH - reached
    wanted = -1.0 if chance.random() < 0.2 else reached + 0.9 * chance.random() * left / kills_left
    process = nursery.train(run)
    deadline = time.monotonic() + SECONDS
    while _step(run) < wanted:
        read += _read_all(run)
        time.sleep(0.05)
        assert time.monotonic() < deadline
    time.sleep(chance.uniform(0, 0.03))
    process.kill()
    wait_until(lambda: not process.is_running(), SECONDS)
    assert run.state != "done", "it was to be killed before its end: choose more epochs, or fewer kills"
    return read


def _assert_same(whole: Run, killed: Run) -> None:
    losses = [[(row["step"], row["loss"], row["lr"]) for row in rows(run, "step")] for run in (whole, killed)]
    assert losses[0] == losses[1]
    assert [step for step, _, _ in losses[1]] == list(range(1, len(losses[1]) + 1))
    kept = [step for step in range(len(losses[0]) + 1) if step % EPOCH == 0 or step & (step - 1) == 0]
    for step in kept:
        ours, theirs = (load_checkpoint(run.checkpoint_path(step)).tensors for run in (killed, whole))
        assert all(bool((ours[name] == theirs[name]).all()) for name in theirs), step
    assert not any(killed.path.rglob("*.tmp")), "nothing half written stays behind"


def _step(run: Run) -> int:
    return max((row["step"] for row in run.metrics()), default=0)


def _read_all(run: Run) -> int:
    """Read every file as a page would, while it may be written: each is whole, or gone."""
    run.status()
    run.wanted()
    found = 0
    for path in run.checkpoints().values():
        try:
            load_checkpoint(path)
            found += 1
        except WeightsError:
            assert not path.exists(), f"{path} is damaged"
    return found


def main() -> None:
    import torch

    torch.set_num_threads(1)
    from nin.presets import PRESETS
    from nin.process import recorder, worker
    from tests.running import few_images
    from tests.training.tiny import TINY as TINY_PRESET

    PRESETS[TINY_PRESET.name] = TINY_PRESET
    worker.be_polite = worker.use_all_cores = lambda: None
    recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE = CHECKPOINT_SECONDS, 1.0
    dataset = few_images()
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])  # the first one imports a thousand modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _limit(asked["limits"])
        with suppress(Exception):
            worker.train_run(Run(asked["run"]), resume=True, dataset=dataset)
        os._exit(0)


def _limit(limits: dict[str, int]) -> None:
    """Held to so much by the system, as by a disk or a memory that is full."""
    import resource

    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


if __name__ == "__main__":
    main()
