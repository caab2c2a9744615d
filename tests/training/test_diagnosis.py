"""What becomes of a run is told from its losses: all along, and at its end however short it was."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import torch

from nin.presets import recipe_named
from nin.training.diagnosis import Diagnosis, RateChange, Watch, diagnose
from nin.training.records import Step
from tests.training.tiny import RECIPE, TINY, run

GUESS = math.log(10)
BATCH = 64


def steps(*losses: float, first: int = 1, accuracy: float | None = None, lr: float = 0.004) -> list[dict[str, Any]]:
    """Rows of steps; the accuracy is a guess's where the loss is."""
    return [
        {
            "kind": "step",
            "step": first + index,
            "loss": loss,
            "accuracy": (0.1 if loss > 2.25 else 0.6) if accuracy is None else accuracy,
            "lr": lr,
        }
        for index, loss in enumerate(losses)
    ]


def learning(n: int, to: float = 0.97) -> list[float]:
    """Losses from a guess down to `to` over 30 steps, and on at that."""
    return [GUESS + (to - GUESS) * min(1, k / 30) for k in range(n)]


def rate(step: int, before: float, after: float, seconds: float = 0.0) -> dict[str, Any]:
    return {"kind": "event", "step": step, "what": "lr", "lr": after, "from": before, "seconds": seconds}


def kinds(rows: Iterable[dict[str, Any]], batch_size: int = BATCH) -> list[tuple[int, str, str] | None]:
    """Every diagnosis in turn, each with the step at which it was first told."""
    watch, found = Watch(batch_size), [None]
    for row in rows:
        watch.add(row)
        now = watch.diagnosis()
        kind = now and (now.what, now.now)
        if kind != (found[-1] and found[-1][1:]):
            found.append(kind and (row["step"], *kind))
    return found[1:]


def test_a_run_that_learns_has_nothing_wrong() -> None:
    rows = steps(*learning(400, to=0.4))
    assert kinds(rows) == []
    assert diagnose(rows, BATCH, at_the_end=True) is None


def test_a_rate_that_was_raised_is_named_when_the_loss_explodes() -> None:
    rows = [*steps(*learning(83)), rate(83, 0.004, 0.04), *steps(1.1, 430, 12, first=84)]
    found = diagnose([*rows, *steps(*[GUESS] * 30, first=87)], BATCH)
    assert found == Diagnosis(
        "exploded", 85, "guessing", 116, 0.004, pytest.approx(0.97), 430, RateChange(83, 0.004, 0.04, 0.004)
    )
    assert found.step_to_go_back_to([0, 1, 64, 83, 100, 116]) == 83
    assert found.rate_to_go_back_with(usual=0.002) == 0.004
    assert [found.spoils(step) for step in (83, 84, 85, 116)] == [False, False, True, True]
    assert kinds(rows) == [(85, "exploded", "exploded")]  # at once


def test_a_drag_of_the_slider_is_one_change() -> None:
    drag = [rate(83, 0.004, 0.01, 10.0), rate(90, 0.01, 0.02, 11.0), rate(99, 0.02, 0.04, 12.5)]
    found = diagnose([*steps(*learning(99)), *drag, *steps(430, first=100)], BATCH)
    assert found is not None
    assert found.change == RateChange(83, 0.004, 0.04, 0.004)


def test_a_rate_that_was_lowered_or_raised_long_ago_is_no_cause() -> None:
    for change in (rate(83, 0.04, 0.004), rate(1, 0.004, 0.04)):
        rows = sorted([*steps(*learning(399)), change, *steps(430, first=400)], key=lambda row: row["step"])
        found = diagnose(rows, BATCH)
        assert found is not None
        assert found.change is None
        # No rate to return to: one that is well below what did it, and not above the recipe's own.
        assert found.rate_to_go_back_with(usual=0.002) == 0.001
        assert found.step_to_go_back_to([0, 256, 399, 400]) == 256


def test_a_run_that_never_leaves_the_guess_is_flat_from_step_50_until_it_learns() -> None:
    rows = steps(*[GUESS] * 150, *learning(100), first=1)
    assert kinds(rows) == [(50, "flat", "guessing"), None]


def test_falling_back_after_it_had_learnt_is_told_each_time() -> None:
    good, bad = learning(60), [GUESS] * 60
    rows = steps(*bad, *good, *bad, *good, *bad)
    told = [kind and kind[1:] for kind in kinds(rows)]
    forgot = ("forgot", "guessing")
    assert told == [("flat", "guessing"), None, forgot, ("forgot", "learning"), forgot]
    found = diagnose(rows, BATCH)
    assert found is not None
    assert 235 < found.step < 245
    assert found.loss_before == pytest.approx(0.97)


def test_a_spike_that_is_over_spoils_nothing() -> None:
    found = diagnose(steps(*learning(100), 50.0, *[0.97] * 60), BATCH)
    assert found is not None
    assert (found.what, found.step, found.is_over, found.loss) == ("exploded", 101, True, 50.0)
    assert not found.spoils(160)


def test_a_loss_that_is_no_number_is_an_explosion() -> None:
    rows = [*steps(*learning(60)), {"kind": "event", "step": 61, "what": "diverged", "lr": 0.5}]
    found = diagnose(rows, BATCH)
    assert found is not None
    assert (found.what, found.step, found.now, found.loss) == ("exploded", 61, "not-a-number", None)


def test_single_images_may_be_far_off() -> None:
    """With batches of one the loss jumps about; that is no explosion."""
    noisy = itertools.cycle([0.1, 0.2, 9.0, 0.1, 0.3])
    assert kinds(steps(*itertools.islice(noisy, 900), accuracy=0.8), batch_size=1) == []


@pytest.mark.parametrize(
    ("losses", "test_accuracy", "what"),
    [
        ([GUESS] * 3, None, "short"),
        (learning(10), 0.1, "short"),
        (learning(20, to=1.0), None, None),
        (learning(20), 0.3, None),
        ([2.41], 0.144, "short"),  # a single step: a little above a guess by chance
        (learning(60), 0.1, "forgot"),  # the last step ruined it: only the test images tell
        ([2.4, 8e19, 3e9], None, "exploded"),
    ],
)
def test_the_end_says_what_became_of_a_run_however_short(
    losses: list[float], test_accuracy: float | None, what: str | None
) -> None:
    rows = steps(*losses)
    if test_accuracy is not None:
        rows.append({"kind": "epoch", "epoch": 1, "step": len(losses), "test_accuracy": test_accuracy})
    found = diagnose(rows, BATCH, at_the_end=True)
    assert (found and found.what) == what
    assert found is None or found.spoils(len(losses))


def test_a_diagnosis_survives_its_file() -> None:
    found = Diagnosis("forgot", 7, "guessing", 9, 0.1, 1.5, 2.3, RateChange(3, 0.1, 0.2, 0.1))
    assert Diagnosis.from_dict(found.to_dict()) == found


def test_a_dead_network_is_flat(make) -> None:
    """The chapter's recipe on weights whose last ReLU lets nothing through, as it happens by chance."""
    trainer = make(
        replace(TINY, architecture=replace(TINY.architecture, dropout=0.0)),
        replace(recipe_named("book-adam", TINY), epochs=3, batch_size=16),
    )
    with torch.no_grad():
        trainer.model[2][-2].bias.fill_(-100.0)
    found = _watched(trainer)
    assert found is not None
    assert (found.what, found.loss) == ("flat", pytest.approx(GUESS, abs=1e-3))


def test_a_tuned_run_is_well(make) -> None:
    assert _watched(make(recipe=replace(RECIPE, epochs=12, batch_size=16))) is None


def _watched(trainer) -> Diagnosis | None:
    rows = [
        {"kind": "step", "step": record.step, "loss": record.loss, "accuracy": record.accuracy, "lr": record.lr}
        for record in run(trainer)
        if isinstance(record, Step)
    ]
    return diagnose(rows, trainer.batch_size, at_the_end=True)
