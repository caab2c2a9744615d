"""Memory and time, measured in a fresh process that may die of it; what was measured once on this machine is kept.

One measurement at a time on a machine, below the priority of everything else. A process that takes more memory than
it was given, or more than the machine has left, is ended: that is an answer, "it does not fit", and no error.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import psutil
from filelock import FileLock, Timeout

from nin.errors import LabError
from nin.model.architecture import Architecture
from nin.paths import ROOT, environment, queue_directory, runs_directory
from nin.storage.files import read_json, write_json

SPARE_BYTES = 500_000_000  # that the machine keeps for everything else, whatever is measured
SPARE_SHARE = 0.1  # or this share of all it has, where that is more
POLL_SECONDS = 0.1
# glibc keeps what was freed for later, up to twice of what is in use: told to give back whatever is larger than
# this, it shows what the tensors themselves take.
_GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
_cgroup = Path("/sys/fs/cgroup")


class MeasurementFailed(LabError):
    """A measuring process that ended without an answer."""


@dataclass(frozen=True)
class MemoryQuestion:
    """Of which step the memory is wanted."""

    what: str  # "train" or "predict"
    architecture: Architecture
    input_size: int  # pixels a side
    batch_size: int
    optimizer: str = "adam"
    momentum: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `nin.anatomy.one_step` reads it."""
        names = ("what", "input_size", "batch_size", "optimizer", "momentum")
        fields = {name: getattr(self, name) for name in names}
        return {**fields, "network": {"architecture": self.architecture.to_dict()}}


@dataclass(frozen=True)
class MeasuredMemory:
    bytes: int | None  # the most at once; None where it did not fit
    limit_bytes: int  # that it was given
    device: str = ""
    hardware: str = ""

    @property
    def fits(self) -> bool:
        return self.bytes is not None and self.bytes <= self.limit_bytes


@dataclass(frozen=True)
class MeasuredSeconds:
    """Of a forward pass in float32, for each image."""

    seconds: dict[str, float]  # by network
    batch_size: int
    device: str
    hardware: str
    is_sure: bool  # whether other programs left the cores to it


def memory_at_hand() -> int:
    """Bytes that a new process can take while the machine keeps something to spare and never swaps."""
    memory = psutil.virtual_memory()
    free, total = memory.available, memory.total
    with suppress(OSError, ValueError):  # a container may have less than its machine: "max" where it has not
        total = min(total, int((_cgroup / "memory.max").read_text()))
        used = int((_cgroup / "memory.current").read_text()) - _cached_files()
        free = min(free, total - used)
    return max(0, int(free - max(SPARE_BYTES, SPARE_SHARE * total)))


def _cached_files() -> int:
    """What the container's files take in memory: let go as soon as it is wanted."""
    lines = (line.split() for line in (_cgroup / "memory.stat").read_text().splitlines())
    return sum(int(value) for name, value in lines if name in ("inactive_file", "active_file"))


def known_memory(question: MemoryQuestion) -> MeasuredMemory | None:
    """What was measured before on this machine, with this torch."""
    found = read_json(_path()).get(_key(question.to_dict()))
    return MeasuredMemory(**found) if found else None


def measured_memory(
    question: MemoryQuestion, limit_bytes: int | None = None
) -> Iterator[tuple[float, MeasuredMemory | None]]:
    """Measure, yielding (share done, None) on the way, then (1.0, the answer). Closed before, it measures no more."""
    if limit_bytes is None and (known := known_memory(question)) is not None:
        yield 1.0, known
        return
    limit = min(limit_bytes or memory_at_hand(), memory_at_hand())
    answer: dict[str, Any] = {}
    for share, said in _in_a_process({**question.to_dict(), "limit_bytes": limit}):
        answer = said
        yield min(share, 0.99), None
    found = MeasuredMemory(answer.get("bytes"), limit, answer.get("device", ""), answer.get("hardware", ""))
    if found.fits:
        _keep(_key(question.to_dict()), asdict(found))
    yield 1.0, found


def known_seconds(networks: dict[str, dict[str, Any]], batch_size: int) -> MeasuredSeconds | None:
    """What was measured before on this machine, with this torch."""
    found = read_json(_path()).get(_key({"networks": networks, "batch_size": batch_size}))
    return MeasuredSeconds(**found) if found else None


def measured_seconds(
    networks: dict[str, dict[str, Any]], batch_size: int
) -> Iterator[tuple[float, MeasuredSeconds | None]]:
    """As `measured_memory`: how long a forward pass of each network takes for an image.

    A network is {"chapter": name, "input_size": pixels} or {"architecture": fields, "input_size": pixels}.
    """
    question = {"networks": networks, "batch_size": batch_size}
    answer: dict[str, Any] = {}
    for share, said in _in_a_process({"what": "seconds", **question}):
        answer = said
        yield min(share, 0.99), None
    if "seconds" not in answer:
        raise MeasurementFailed("there is not enough memory to time these networks: close other programs, try again")
    found = MeasuredSeconds(**answer, batch_size=batch_size)
    _keep(_key(question), asdict(found))
    yield 1.0, found


def _in_a_process(asked: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
    """(share done, what was said last) while it works; the last is the answer, {} where the process died of memory."""
    with _turn() as is_ours:
        while not is_ours():
            yield 0.0, {}
            time.sleep(POLL_SECONDS)
        with _measuring(asked) as (process, errors):
            said: list[dict[str, Any]] = []
            reader = threading.Thread(target=_read, args=(process, said), daemon=True)
            reader.start()
            starved, share = False, 0.0
            while reader.is_alive():
                reader.join(POLL_SECONDS)
                if said and "share" in said[-1]:
                    share = float(said[-1]["share"])
                if psutil.virtual_memory().available < SPARE_BYTES / 2:
                    process.kill()
                    starved = True
                yield share, {}
            code = process.wait()
            last = said[-1] if said else {}
            if code > 0 or (code < 0 and not starved and asked.get("limit_bytes") is None):
                raise MeasurementFailed(
                    "the measuring process ended with status {code}: {said}", code=code, said=_error(errors)
                )
            yield 1.0, {} if code < 0 or "share" in last or "out_of_memory" in last else last


@contextmanager
def _measuring(asked: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[str], TextIO]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "nin.anatomy.one_step", json.dumps(asked)],
            cwd=ROOT if (ROOT / "nin").is_dir() else None,
            env={**environment(), **_GIVES_BACK},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield process, errors
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _error(errors: TextIO) -> str:
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _read(process: subprocess.Popen[str], said: list[dict[str, Any]]) -> None:
    for line in process.stdout or ():
        with suppress(ValueError):
            said.append(json.loads(line))


@contextmanager
def _turn() -> Iterator[Any]:
    """Yields what tries to get this machine's turn to measure."""
    queue_directory().mkdir(parents=True, exist_ok=True)
    lock = FileLock(queue_directory() / "measuring")

    def is_ours() -> bool:
        with suppress(Timeout):
            lock.acquire(timeout=0)
        return lock.is_locked

    try:
        yield is_ours
    finally:
        lock.release()


def _keep(key: str, found: dict[str, Any]) -> None:
    write_json(_path(), {**read_json(_path()), key: found})


def _key(question: dict[str, Any]) -> str:
    told = json.dumps([question, version("torch"), os.environ.get("CUDA_VISIBLE_DEVICES")], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _path() -> Path:
    return runs_directory() / "anatomy.json"
