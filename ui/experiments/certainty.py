"""How sure an answer is, what would make it surer, and what it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nin.experiments.description import Experiment
from nin.experiments.report import Summary, by_arm, first_answer_cpu_seconds, of_images, of_seeds, uncertainty
from ui.base.text import t, together
from ui.base.text.duration import duration

_CORES = 2  # that the exercises are sized for
_MORE_SEEDS = 4


def certainty(summaries: Sequence[Summary]) -> str:
    """How sure the means are, and how much surer more seeds make them."""
    halves = [half for summary in summaries if (half := uncertainty(summary)) is not None]
    seeds = min((len(summary.results) for summary in summaries), default=0)
    if not halves or not seeds:
        return ""
    points = _points(max(halves))
    if seeds == 1:
        return t("experiments.certain_one", points=points)
    return t("experiments.certain_many", points=points, seeds=seeds, more=4 * seeds)


def trials_certainty(trials: Sequence[Mapping[str, Any]], test_images: int | None) -> str:
    """How far apart two trials must be to differ."""
    if not trials or not test_images:
        return ""
    half = of_images(max(trial["accuracy"] for trial in trials), test_images)
    return t("experiments.certain_trials", points=_points(half), images=f"{test_images:,}")


def in_advance(experiment: Experiment, report: Mapping[str, Any]) -> str:
    """Of an exercise as it was run here: what its first answer takes, what that leaves open, what more would."""
    if not report or Experiment.from_dict(report["experiment"]).id != experiment.id:
        return ""
    seconds = first_answer_cpu_seconds(report)
    if seconds is None:
        return ""
    told = t(
        f"experiments.first_answer_{experiment.kind}",
        count=experiment.trials,
        cpu=duration(seconds),
        time=duration(seconds / _CORES),
        hardware=report["machine"]["hardware"],
    )
    return together(told, _surer(experiment, report))


def _surer(experiment: Experiment, report: Mapping[str, Any]) -> str:
    if experiment.kind == "resources":
        return ""
    results, images = report["results"], experiment.base.get("test_size")
    best = max(row["test_accuracy"] or 0.0 for row in results)
    values = {"one": _points(of_images(best, images)), "images": f"{images:,}"} if images else {}
    if experiment.kind == "search":
        return t("experiments.surer_search", **values) if values else ""
    spreads = [spread for summary in by_arm(results) if (spread := summary.spread("test_accuracy")) is not None]
    if not spreads or not values:
        return ""
    together_spread = math.sqrt(sum(spread**2 for spread in spreads) / len(spreads))
    more = _points(of_seeds(together_spread, _MORE_SEEDS))
    return t("experiments.surer_compare", **values, seeds=_MORE_SEEDS, more=more)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
