"""What experiments found, put together: by setting over the seeds, and as a result file to be kept or committed."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nin.experiments.folder import ExperimentFolder, Result
from nin.paths import ROOT
from nin.storage.files import read_json, write_bytes

STORED = ROOT / "data" / "experiments"


@dataclass(frozen=True)
class Summary:
    """One setting of an experiment over its seeds."""

    arm: str
    results: tuple[Result, ...]

    def values(self, name: str) -> list[float]:
        return [float(result[name]) for result in self.results if result.get(name) is not None]

    def mean(self, name: str) -> float | None:
        values = self.values(name)
        return statistics.fmean(values) if values else None

    def spread(self, name: str) -> float | None:
        """Standard deviation over the seeds; None for less than two."""
        values = self.values(name)
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def stalled(self) -> int:
        return sum(bool(result.get("stalled")) for result in self.results)

    @property
    def failed(self) -> int:
        return sum(result.get("state") != "done" for result in self.results)


def by_arm(results: Iterable[Result], order: Sequence[str] = ()) -> list[Summary]:
    """The settings in `order`, then any others as they come."""
    found: dict[str, list[Result]] = {arm: [] for arm in order}
    for result in results:
        found.setdefault(result["arm"], []).append(result)
    return [Summary(arm, tuple(sorted(rows, key=lambda row: row["seed"]))) for arm, rows in found.items() if rows]


def uncertainty(summary: Summary) -> float | None:
    """Half the width of the interval that holds the mean test accuracy in 19 of 20 cases, images and seeds taken together.

    One seed: of the test images alone, 1.96 sqrt(p (1 - p) / n). Several: of the seeds, by Student's t, which
    the images' share is a part of.
    """
    accuracy, spread, count = summary.mean("test_accuracy"), summary.spread("test_accuracy"), len(summary.results)
    if accuracy is None:
        return None
    if spread is None:
        return of_images(accuracy, int(min(summary.values("test_n"), default=1)))
    return of_seeds(spread, count)


def of_images(accuracy: float, count: int) -> float:
    """Half the 95 % interval that `count` test images leave to an accuracy."""
    return 1.96 * math.sqrt(accuracy * (1 - accuracy) / count)


def of_seeds(spread: float, count: int) -> float:
    """Half the 95 % interval of a mean over `count` seeds, two at least, of that standard deviation, by Student's t."""
    from scipy.stats import t as student

    return float(student.ppf(0.975, count - 1)) * spread / math.sqrt(count)


def difference(one: Summary, other: Summary, name: str = "test_accuracy") -> tuple[float, float | None] | None:
    """How much more `one` has than `other`, seed by seed: mean, and half its 95 % interval (None for one seed).

    Both saw the same images in the same order: what the seed does to both drops out of the difference.
    """
    pairs = {row["seed"]: row[name] for row in other.results if row.get(name) is not None}
    gaps = [row[name] - pairs[row["seed"]] for row in one.results if row.get(name) is not None and row["seed"] in pairs]
    if not gaps:
        return None
    if len(gaps) == 1:
        return gaps[0], None
    from scipy.stats import t as student

    half = float(student.ppf(0.975, len(gaps) - 1)) * statistics.stdev(gaps) / math.sqrt(len(gaps))
    return statistics.fmean(gaps), half


def first_answer_cpu_seconds(report: Mapping[str, Any]) -> float | None:
    """What the runs of a first answer took, of all cores together: one of each setting, or a search's trials; None where unknown."""
    experiment, results = report["experiment"], report["results"]
    if experiment["kind"] == "search":
        took = [result.get("cpu_seconds") for result in results[: experiment["trials"]]]
    else:  # the mean over seeds: of a run that was stopped and gone on with it is not known
        took = [summary.mean("cpu_seconds") for summary in by_arm(results)]
    known = [seconds for seconds in took if seconds is not None]
    return sum(known) if known and len(known) == len(took) else None


def to_report(folder: ExperimentFolder, command: str) -> dict[str, Any]:
    """Plain JSON of all that the experiment found, with how, on what and when."""
    experiment, results = folder.experiment(), folder.results()
    search = read_json(folder.path / "search.json")
    return {
        "experiment": experiment.to_dict(),
        "command": command,
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": _machine(results),
        "results": results,
        **({"search": search} if search else {}),
    }


def _machine(results: Sequence[Result]) -> dict[str, Any]:
    """What all results have in common of what they were computed on."""
    import platform

    import torch

    names = ("hardware", "device", "threads", "bfloat16")
    said = {name: sorted({str(result.get(name)) for result in results}) for name in names}
    return {
        **{name: ", ".join(values) for name, values in said.items()},
        "torch": torch.__version__,
        "system": platform.system(),
    }


def write_report(folder: ExperimentFolder, file: Path, command: str) -> None:
    """One result a line: to be read by people, and compared from version to version."""
    report = to_report(folder, command)
    head = json.dumps({name: value for name, value in report.items() if name != "results"}, indent=1)
    rows = ",\n  ".join(json.dumps(result) for result in report["results"])
    write_bytes(file, f'{head[:-2]},\n "results": [\n  {rows}\n ]\n}}\n'.encode())


def stored_report(name: str) -> dict[str, Any]:
    """The result file of an exercise that comes with the lab; empty where there is none."""
    return read_json(STORED / f"{name}.json")
