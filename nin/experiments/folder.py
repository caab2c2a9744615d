"""An experiment's directory, read and steered; its runs are ordinary run directories in it.

    runs/experiments/<id>/
      experiment.json   what is asked; written once
      wanted.json       how many seeds or trials, and whether to stop; replaced by whoever steers
      worker-*.json     each process that conducts it, with a heartbeat
      guesses.json      what was expected before
      search.json       of a search: which settings mattered; replaced after each trial
      runs/<arm>-s<seed>/   a run, and its result.json once it is done

Reading needs no torch. What is there is not done again: an experiment is taken up by conducting it once more.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nin.errors import LabError, RunError
from nin.experiments.description import Arm, Experiment
from nin.paths import runs_directory
from nin.storage.files import read_json, write_json
from nin.storage.process_id import is_alive
from nin.storage.run import ACTIVE, Run, RunConfig

Result = dict[str, Any]  # of one run, as `nin.experiments.result` measures it


@dataclass(frozen=True)
class Planned:
    """One run of an experiment."""

    arm: str
    seed: int
    run: Run
    config: RunConfig

    @property
    def result(self) -> Result:
        """Empty while it is not done."""
        return read_json(self.run.path / "result.json")


@dataclass(frozen=True)
class Progress:
    """Where an experiment stands."""

    done: int  # runs
    total: int
    share: float  # of all steps, with those of the run that trains
    seconds_left: float | None  # None while nothing is known
    running: tuple[str, ...] = ()  # runs that train now


def experiments_directory() -> Path:
    return runs_directory() / "experiments"


class ExperimentFolder:
    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def of(cls, experiment: Experiment) -> ExperimentFolder:
        """Where this experiment lies, whether it has begun or not."""
        return cls(experiments_directory() / experiment.id)

    @classmethod
    def create(cls, experiment: Experiment) -> ExperimentFolder:
        """The experiment's directory; what is in it already stays."""
        folder = cls.of(experiment)
        if not folder.exists:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            write_json(folder.path / "experiment.json", {**experiment.to_dict(), "created": now})
        return folder

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def exists(self) -> bool:
        return (self.path / "experiment.json").is_file()

    def experiment(self) -> Experiment:
        """RunError where the directory holds none."""
        values = read_json(self.path / "experiment.json")
        if not values:
            raise RunError("{path} holds no experiment: its experiment.json is missing or damaged", path=self.path)
        return Experiment.from_dict(values)

    @property
    def created(self) -> str:
        return read_json(self.path / "experiment.json").get("created", "")

    # --- what is wanted -----------------------------------------------------------------------

    @property
    def seeds(self) -> int:
        return read_json(self.path / "wanted.json").get("seeds") or self.experiment().seeds

    @property
    def trials(self) -> int:
        return read_json(self.path / "wanted.json").get("trials") or self.experiment().trials

    @property
    def wants_stop(self) -> bool:
        return bool(read_json(self.path / "wanted.json").get("stop"))

    def want(self, **changes: Any) -> None:
        """Change what is wanted: seeds, trials, stop."""
        write_json(self.path / "wanted.json", {**read_json(self.path / "wanted.json"), **changes})

    def stop(self) -> None:
        """Nothing further begins, and what trains is stopped where it is; it can be gone on with."""
        self.want(stop=True)
        for run in self.runs():
            if run.is_taken:
                run.steer(stop=True)

    # --- what is there ------------------------------------------------------------------------

    def planned(self, seeds: int | None = None) -> list[Planned]:
        """Every run of a comparison, seed by seed: the first answer comes before the second."""
        experiment = self.experiment()
        return [
            Planned(arm.name, seed, self.run(f"{arm.name}-s{seed}"), experiment.config(arm, seed))
            for seed in range(seeds or self.seeds)
            for arm in experiment.arms
        ]

    def trial(self, number: int, settings: dict[str, Any]) -> Planned:
        """The run of a search's trial."""
        arm = Arm(f"trial-{number:04d}", settings)
        return Planned(arm.name, 0, self.run(arm.name), self.experiment().config(arm, seed=0))

    def run(self, name: str) -> Run:
        return Run(self.path / "runs" / name)

    def runs(self) -> list[Run]:
        return [Run(path.parent) for path in sorted(self.path.glob("runs/*/config.json"))]

    def results(self) -> list[Result]:
        """Of the runs that are done, also of seeds that are no longer wanted, in the order of their names."""
        found = (read_json(path) for path in sorted(self.path.glob("runs/*/result.json")))
        return [result for result in found if result]

    def search(self) -> dict[str, Any]:
        """Of a search: its trials, and which settings mattered; empty where there is nothing yet."""
        return read_json(self.path / "search.json")

    def worker_path(self, name: str) -> Path:
        return self.path / f"worker-{name}.json"

    @property
    def is_active(self) -> bool:
        """Whether a process conducts it, here or elsewhere."""
        return any(is_alive(read_json(path)) for path in self.path.glob("worker-*.json")) or any(
            run.is_taken for run in self.runs()
        )

    @property
    def is_complete(self) -> bool:
        return self.exists and self._done() >= self._total()

    def progress(self) -> Progress:
        """Counted from the results and from what the runs under way say of themselves."""
        done, total = self._done(), self._total()
        under_way = [(run, status) for run in self.runs() if (status := run.status())["state"] in ACTIVE and status]
        shares = [status.get("step", 0) / status["steps"] for _, status in under_way if status.get("steps")]
        finished = min(total, done + sum(shares))
        took = [result["wall_seconds"] for result in self.results() if result.get("wall_seconds")]
        left = statistics.fmean(took) * (total - finished) if took else None
        return Progress(done, total, finished / total if total else 0.0, left, tuple(run.id for run, _ in under_way))

    def _total(self) -> int:
        experiment = self.experiment()
        match experiment.kind:
            case "search":
                return self.trials
            case "resources":
                return len(experiment.base["input_sizes"]) * len(experiment.base["batch_sizes"])
        return len(experiment.arms) * self.seeds

    def _done(self) -> int:
        return self.count_done(self.seeds)

    def count_done(self, seeds: int) -> int:
        """How many of the runs with these many seeds have a result; of a search, how many trials."""
        if self.experiment().kind != "compare":
            return len(self.results())
        return sum(bool(planned.result) for planned in self.planned(seeds))

    # --- what was expected --------------------------------------------------------------------

    def guesses(self) -> list[dict[str, Any]]:
        return read_json(self.path / "guesses.json").get("guesses", [])

    def guess(self, answers: dict[str, Any], name: str = "") -> None:
        """Put down what is expected, by question: which "arm" wins, say, and at what "accuracy"."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        guess = {**answers, "name": name, "when": now, "after": self._done() if self.exists else 0}
        write_json(self.path / "guesses.json", {"guesses": [*self.guesses(), guess]})


def all_experiments() -> Iterator[ExperimentFolder]:
    """Every experiment that was begun, the latest first."""
    folders = [ExperimentFolder(path.parent) for path in experiments_directory().glob("*/experiment.json")]
    for folder in sorted(folders, key=lambda folder: folder.created, reverse=True):
        try:
            folder.experiment()
        except LabError:  # another version's, or damaged
            continue
        yield folder
