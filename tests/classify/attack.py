"""Files put to the process that decodes, and what they cost it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from nin.classify.picture_process import PictureProcess
from nin.classify.preprocess import preprocess
from nin.errors import PictureError

MOST_MEGABYTES = 300
MOST_CPU_SECONDS = 2.5  # the limit of 2, and what it takes to notice


@dataclass
class Outcome:
    files: int = 0
    answered: int = 0
    refused: int = 0
    longest: tuple[float, str] = (0.0, "")  # CPU seconds of the decoder, and of which file
    largest: tuple[float, str] = (0.0, "")  # MB beyond what the process has when it is ready
    errors: list[str] = field(default_factory=list)


def attack(decoder: PictureProcess, files: Iterable[tuple[str, bytes]], *, until: float | None = None) -> Outcome:
    """Put `files` to the decoder, and what it decodes to the finder: each is answered or refused in words."""
    outcome, base = Outcome(), 0.0
    for name, content in files:
        if until is not None and time.monotonic() > until:
            break
        if decoder.pid is None or not psutil.pid_exists(decoder.pid):
            with _refusals():
                decoder.open(b"P5 1 1 255\n\0")
            base = _peak_megabytes(decoder.pid)
        pid, before = decoder.pid, _cpu_seconds(decoder.pid)
        outcome.files += 1
        try:
            picture = decoder.open(content, name)
        except PictureError as error:
            outcome.refused += 1
            if not str(error).startswith(name):
                outcome.errors.append(f"{name}: {error}")
        except Exception as error:
            outcome.errors.append(f"{name}: {type(error).__name__}: {error}")
        else:
            outcome.answered += 1
            try:
                preprocess(picture)
            except Exception as error:
                outcome.errors.append(f"{name}, in the finder: {type(error).__name__}: {error}")
        if decoder.pid == pid:
            outcome.longest = max(outcome.longest, (_cpu_seconds(pid) - before, name))
            outcome.largest = max(outcome.largest, (_peak_megabytes(pid) - base, name))
    return outcome


class _refusals:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, *_: object) -> bool:
        return kind is PictureError


def _cpu_seconds(pid: int | None) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _peak_megabytes(pid: int | None) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError, ValueError):  # another system tells no peak
        return 0.0
