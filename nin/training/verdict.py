"""Whether a run, or weights, are any good: asked by whoever offers or uses them."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from nin.errors import LabError
from nin.storage.files import read_json
from nin.storage.run import FINAL, Run
from nin.training.diagnosis import Diagnosis, diagnose


def diagnosis_of_run(run: Run) -> Diagnosis | None:
    """What is wrong with a run, in any state; None where nothing is."""
    status = run.status()
    # A process that was killed had no end to judge; one of an older version judged only once.
    if status["state"] == "interrupted" or "diagnosis" not in status:
        return _of_metrics(run, _written(run.metrics_path), at_the_end=status["state"] in FINAL)
    found = status["diagnosis"]
    return found and Diagnosis.from_dict(found)


def diagnosis_of_weights(path: Path) -> Diagnosis | None:
    """What is wrong with the weights in a file: by their card, or by the run whose checkpoint they are."""
    if (run := Run(path.parent.parent)).exists and path.parent.name == "checkpoints":
        step = path.stem.removeprefix("step-")
        if not step.isdecimal():
            return None
        if int(step) == 0:
            return _untrained(run)
        found = diagnosis_of_run(run)
        return found if found and found.spoils(int(step)) else None
    found = read_json(path.with_suffix(".json")).get("diagnosis")
    return Diagnosis.from_dict(found) if found else None


def _untrained(run: Run) -> Diagnosis | None:
    """Weights as they were drawn, unless the run began with trained ones."""
    with suppress(LabError):
        if run.config().weights is not None:
            return None
    return Diagnosis("short", 0, "guessing", 0, None, None, None)


@lru_cache(maxsize=1000)
def _of_metrics(run: Run, _written: int, *, at_the_end: bool) -> Diagnosis | None:
    try:
        batch_size = run.config().resolved().batch_size
    except LabError:  # a damaged run
        return None
    return diagnose(run.metrics(), batch_size or 1, at_the_end=at_the_end)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
