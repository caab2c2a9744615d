"""What may be guessed of an experiment before it runs, and how its results answer it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nin.experiments.description import SEARCHED, Experiment
from nin.experiments.report import Summary, by_arm
from nin.presets import OPTIMIZERS
from ui.base.text import t
from ui.experiments.labels import arm_label

Results = Sequence[Mapping[str, Any]]
Search = Mapping[str, Any]
Answer = Callable[[Results, Search], Any]  # None where the results do not say
_MIB = 2**20
_RATES = (0.0001, 0.001, 0.01, 0.1)


@dataclass(frozen=True)
class Choice:
    """One of several."""

    name: str
    label: str
    options: Sequence[Any]
    said: Callable[[Any], str]
    answer: Answer

    def apart(self, guess: Any, answer: Any) -> str:
        return "✓" if guess == answer else "✗"


@dataclass(frozen=True)
class Number:
    """Asked for in `factor` times what is kept: an accuracy in per cent."""

    name: str
    label: str
    bounds: tuple[float, float]
    usual: float
    step: float
    said: Callable[[Any], str]
    answer: Answer
    factor: float = 1.0

    def apart(self, guess: float, answer: float) -> str:
        return f"{self.factor * (guess - answer):+,.{1 if self.factor > 1 else 0}f}"


Question = Choice | Number


def questions(experiment: Experiment) -> list[Question]:
    match experiment.kind:
        case "search":
            return _of_search()
        case "resources":
            return _of_resources(experiment)
    names = [arm.name for arm in experiment.arms]

    def said(name: str) -> str:
        return arm_label(experiment, name)

    best = Choice("arm", t("experiments.guess_arm"), names, said, lambda results, _: _ahead(experiment, results, -1))
    asked: list[Question] = [best]
    if experiment.name == "optimizers":
        label = t("experiments.guess_early")
        asked.append(Choice("early", label, names, said, lambda results, _: _ahead(experiment, results, 0)))
    asked.append(_accuracy(lambda results, _: _best_accuracy(experiment, results)))
    if experiment.name == "initialisation":
        label, most = t("experiments.guess_stalled"), len(names)
        asked.append(Number("stalled", label, (0, most), most // 2, 1, _whole, lambda results, _: _stalled(results)))
    return asked


def _of_search() -> list[Question]:
    def best(name: str) -> Answer:
        return lambda _, search: max(search["trials"], key=_accuracy_of)[name] if search.get("trials") else None

    def matters(_: Results, search: Search) -> str | None:
        importance = search.get("importance")
        return max(importance, key=importance.__getitem__) if importance else None

    def nearest_rate(results: Results, search: Search) -> float | None:
        rate = best("lr")(results, search)
        return rate and min(_RATES, key=lambda one: abs(math.log(one / rate)))

    return [
        Choice("matters", t("experiments.guess_matters"), SEARCHED, _setting, matters),
        Choice("optimizer", t("experiments.guess_optimizer"), OPTIMIZERS, str, best("optimizer")),
        Choice("lr", t("experiments.guess_lr"), _RATES, lambda rate: f"{rate:g}", nearest_rate),
        _accuracy(best("accuracy")),
    ]


def _of_resources(experiment: Experiment) -> list[Question]:
    """Asked of the largest point, which says most."""
    size, batch = max(experiment.base["input_sizes"]), max(experiment.base["batch_sizes"])
    point = t("experiments.point", size=size, batch=batch)

    def measured(read: Callable[[Mapping[str, Any]], float]) -> Answer:
        def answer(results: Results, _: Search) -> float | None:
            rows = [row for row in results if (row["input_size"], row["batch_size"]) == (size, batch)]
            return read(rows[0]) if rows and rows[0].get("measured_train_bytes") else None

        return answer

    memory = measured(lambda row: row["measured_train_bytes"] / _MIB)
    speed = measured(lambda row: 1 / row["seconds_per_image"])
    about_memory = t("experiments.guess_memory", point=point)
    return [
        Number("memory", about_memory, (1.0, 1e6), 500.0, 10.0, lambda value: f"{value:,.0f} MiB", memory),
        Number("speed", t("experiments.guess_speed", point=point), (1.0, 1e6), 100.0, 10.0, _whole, speed),
    ]


def _accuracy(answer: Answer) -> Number:
    label = t("experiments.guess_accuracy")
    return Number("accuracy", label, (10.0, 100.0), 75.0, 0.5, lambda share: f"{share:.1%}", answer, factor=100.0)


def _ahead(experiment: Experiment, results: Results, epoch: int) -> str | None:
    """The setting with the highest mean test accuracy at the end of that epoch, counted from 0; -1 is the last."""
    summaries = by_arm([dict(row) for row in results], [arm.name for arm in experiment.arms])
    found = {summary.arm: mean for summary in summaries if (mean := _mean_at(summary, epoch)) is not None}
    return max(found, key=found.__getitem__) if found else None


def _mean_at(summary: Summary, epoch: int) -> float | None:
    if epoch == -1:
        return summary.mean("test_accuracy")
    values = [row["epochs"][epoch]["test_accuracy"] for row in summary.results if len(row.get("epochs", ())) > epoch]
    return sum(values) / len(values) if values else None


def _best_accuracy(experiment: Experiment, results: Results) -> float | None:
    best = _ahead(experiment, results, -1)
    return (
        None if best is None else by_arm([dict(row) for row in results if row["arm"] == best])[0].mean("test_accuracy")
    )


def _stalled(results: Results) -> int:
    """Settings of which a seed stalled."""
    return len({row["arm"] for row in results if row.get("stalled")})


def _accuracy_of(trial: Mapping[str, Any]) -> float:
    return trial["accuracy"]


def _setting(name: str) -> str:
    return t(f"experiments.setting_{name}")


def _whole(value: float) -> str:
    return f"{value:,.0f}"
