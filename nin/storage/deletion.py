"""Runs that go: one that somebody deletes, and the oldest that make room where there are limits."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from nin.errors import LabError, RunError
from nin.paths import runs_directory
from nin.storage.folder_lock import locked
from nin.storage.label import label_of
from nin.storage.limits import Limits, limits
from nin.storage.owner import owner_of
from nin.storage.run import Run, all_runs

_NAMED_BY_THE_LAB = re.compile(r"\d{8}-\d{6}-[\w-]+")
_ABANDONED_SECONDS = 3600.0  # what has not become a run by then, or was left of one, is nobody's work


def delete_run(run: Run) -> None:
    """Delete it with all that it wrote; RunError while it trains or waits.

    Without its first file it is no run any more: nobody sees the rest of it go.
    """
    if run.path.is_symlink():  # what it leads to is somebody else's
        run.path.unlink()
        return
    if not run.path.exists():
        return
    with _nobody_trains(run):
        (run.path / "config.json").unlink(missing_ok=True)
    shutil.rmtree(run.path, ignore_errors=True)


@contextmanager
def _nobody_trains(run: Run) -> Iterator[None]:
    """Hold the lock of `run`, so that no process takes it up meanwhile."""
    in_use = RunError("run {run} is still in training: stop it first", run=run.id)
    with locked(run.path, in_use):
        if run.is_active:
            raise in_use
        yield


def make_room(directory: Path | None = None) -> list[str]:
    """Delete the oldest runs that the limits have no room for, with one more to come; returns their names.

    Never one that trains or waits, that has a star, or of which a fork is in training: somebody compares
    the two. Where no limit was set, only runs of visitors from elsewhere are counted and deleted.
    RunError where all that there are must stay.
    """
    _sweep(directory or runs_directory())
    runs = all_runs(directory)
    theirs = [run for run in runs if owner_of(run.path) is not None]
    gone = _prune(theirs, runs, limits(of_strangers=True))
    left = [run for run in runs if run.id not in gone]
    return gone + _prune(left, left, limits(of_strangers=False))


def _prune(counted: Sequence[Run], everything: Sequence[Run], most: Limits) -> list[str]:
    if most.runs is None and most.gigabytes is None:
        return []
    room = float("inf") if most.gigabytes is None else most.gigabytes * 1e9
    count, taken = len(counted), sum(map(bytes_on_disk, counted))
    parents = {_parent(run) for run in everything if run.is_active}
    gone = []
    for run in reversed(counted):  # the oldest first
        if (most.runs is None or count < most.runs) and taken <= room:
            return gone
        if run.is_active or run.id in parents or label_of(run).star:
            continue
        size = bytes_on_disk(run)
        try:
            delete_run(run)
        except RunError:  # taken up in this moment
            continue
        gone.append(run.id)
        count, taken = count - 1, taken - size
    if (most.runs is None or count < most.runs) and taken <= room:
        return gone
    raise RunError(
        "{count} runs with {gigabytes:.1f} GB are kept here, no more may be, and none of them can go: each has a star or trains; take a star away, or delete one",
        count=count,
        gigabytes=taken / 1e9,
    )


def _parent(run: Run) -> str | None:
    try:
        return run.config().fork_of
    except LabError:  # damaged
        return None


def bytes_on_disk(run: Run) -> int:
    """What its files take; of a run that has ended it is looked at once."""
    try:
        written = (run.path / "status.json").stat().st_mtime_ns
    except OSError:
        written = 0
    return _size_of(run.path) if run.is_active else _size_when_ended(run.path, written)


@lru_cache(maxsize=5000)
def _size_when_ended(path: Path, _written: int) -> int:
    return _size_of(path)


def _size_of(path: Path) -> int:
    total = 0
    for file in path.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:  # gone meanwhile
            continue
    return total


def _sweep(directory: Path) -> None:
    """Remove what is left of runs that were half made or half deleted when the machine went down."""
    for path in directory.glob("*"):
        if _NAMED_BY_THE_LAB.fullmatch(path.name) and path.is_dir() and not Run(path).exists:
            try:
                age = time.time() - path.stat().st_mtime
            except OSError:
                continue
            if age > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
