"""What becomes of a run: told from the losses it reports, at any moment and at its end.

A network that gives all ten classes the same probability has a loss of ln 10: it guesses. A run
gets there in three ways: it never leaves it ("flat"), it falls back to it after it had learnt
("forgot"), or its loss explodes and what is left of the weights guesses ("exploded"). A run that
ends before it could leave it is "short". Reading needs no torch, so pages can ask as well.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

Row = dict[str, Any]  # of metrics.jsonl

GUESSING_LOSS = math.log(10)  # with label smoothing, too
EXPLODED_LOSS = 2 * GUESSING_LOSS  # no network gets there by learning
FIRST_LOOK = 50  # steps before a run can be called flat
# A loss above the first of these, with answers no better than a guess, is guessing; below the second it is not.
_GUESSING, _LEARNING = GUESSING_LOSS - 0.02, GUESSING_LOSS - 0.1
_GUESSED_ACCURACY = 0.2  # of training batches; of all test images a guess has 0.1 more exactly:
_GUESSED_TEST_ACCURACY = 0.13
_STEPS, _IMAGES = 20, 320  # that a mean is taken over, at least: with fewer it says little
_FEW_IMAGES = 64  # enough to tell an explosion, whose loss is far away from any other
_CAUSE_STEPS = 200  # a rate that was raised so many steps before, or less, is what did it
_DRAG_SECONDS = 3.0  # changes closer to each other are one move of a slider
_DOUBTFUL_STEPS = 10  # before a loss exploded: the weights may have been on their way


@dataclass(frozen=True)
class RateChange:
    """The learning rate, set by hand."""

    step: int
    before: float  # where the schedule was at that step
    after: float
    set_before: float  # to which the slider was set: the schedule's peak


@dataclass(frozen=True)
class Diagnosis:
    """What went wrong with a run."""

    what: str  # "exploded", "flat", "forgot" or "short"
    step: int  # at which it began
    now: str  # "guessing", "exploded", "not-a-number" or "learning": what the network does since then
    steps: int  # of the run so far
    lr: float | None  # at which it happened
    loss_before: float | None  # what the loss had come down to; None where it never did
    loss: float | None  # the highest since an explosion, else the mean of late; None: no number
    change: RateChange | None = None  # by which it came, if somebody had just raised the learning rate

    @property
    def is_over(self) -> bool:
        """Whether the network has recovered."""
        return self.now == "learning"

    def spoils(self, step: int) -> bool:
        """Whether the weights of `step` are of no use."""
        return not self.is_over and step >= self.step

    def step_to_go_back_to(self, checkpoints: Iterable[int]) -> int | None:
        """The latest checkpoint from before it; None where the run was never better."""
        if self.what not in ("exploded", "forgot"):
            return None
        earlier = [step for step in checkpoints if step < self.step]
        latest = self.change.step if self.change else self.step - _DOUBTFUL_STEPS
        return max((step for step in earlier if step <= latest), default=min(earlier, default=None))

    def rate_to_go_back_with(self, usual: float) -> float:
        """A learning rate at which it should not happen again; `usual` is the recipe's own."""
        return self.change.set_before if self.change else min(usual, (self.lr or usual) / 4)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as status.json and the cards of weights keep it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Diagnosis:
        names = {field.name for field in fields(cls)}
        change = values.get("change")
        return cls(**{n: v for n, v in values.items() if n in names} | {"change": change and RateChange(**change)})


class Watch:
    """Follows a run, row by row."""

    def __init__(self, batch_size: int) -> None:
        steps, few = max(_STEPS, math.ceil(_IMAGES / batch_size)), math.ceil(_FEW_IMAGES / batch_size)
        self._recent: deque[tuple[float, float]] = deque(maxlen=steps)  # loss and accuracy
        self._latest: deque[Row] = deque(maxlen=few)
        self._step = 0
        self._lowest: float | None = None  # mean loss
        self._change: RateChange | None = None
        self._changed_at = -math.inf  # seconds of training
        self._found: Diagnosis | None = None
        self._test_accuracy: float | None = None  # of the weights as they are now

    @property
    def is_well(self) -> bool:
        """Whether the loss is about as low as it has been, so that these weights are worth going back to."""
        if self._found is not None and not self._found.is_over:
            return False
        latest = self._latest[-1]["loss"] if self._latest else 0.0
        return latest < EXPLODED_LOSS and (self._lowest is None or self._mean() < self._lowest + 0.5)

    def add(self, row: Row) -> None:
        """A row of metrics.jsonl, in their order."""
        match row["kind"]:
            case "step":
                self._add_step(row)
            case "epoch":
                self._test_accuracy = row.get("test_accuracy")
                self._look_at_test_accuracy()
            case "event" if row["what"] == "lr":
                self._add_change(row)
            case "event" if row["what"] == "diverged":
                self._explode(row["step"], row.get("lr"), None, "not-a-number")

    def diagnosis(self, *, at_the_end: bool = False) -> Diagnosis | None:
        """What is wrong; None where nothing is. `at_the_end` a run is judged however short it was."""
        if self._found is None and at_the_end and self._lowest is None and self._step and self._guesses_so_far():
            return self._guessing("short", 0)
        return self._found and replace(self._found, steps=self._step)

    # --- what comes in --------------------------------------------------------------------------

    def _add_step(self, row: Row) -> None:
        self._step, self._test_accuracy = row["step"], None
        self._recent.append((row["loss"], row["accuracy"]))
        self._latest.append(row)
        if self._has_exploded():
            first = next(r for r in self._latest if r["loss"] > EXPLODED_LOSS)
            self._explode(first["step"], first.get("lr"), max(r["loss"] for r in self._latest), "exploded")
        elif len(self._recent) == self._recent.maxlen:
            self._look_at_losses()

    def _add_change(self, row: Row) -> None:
        at = row.get("seconds", math.inf)
        is_same_move = self._change is not None and at - self._changed_at < _DRAG_SECONDS
        first = self._change if is_same_move and self._change else _rate_change(row)
        self._change, self._changed_at = replace(first, after=row["lr"]), at

    # --- what it means --------------------------------------------------------------------------

    def _has_exploded(self) -> bool:
        # The first loss is that of weights as they were drawn, however large.
        return self._step > len(self._latest) and _mean(r["loss"] for r in self._latest) > EXPLODED_LOSS

    def _explode(self, step: int, lr: float | None, loss: float | None, now: str) -> None:
        found = self._found
        if found is not None and found.what == "exploded" and not found.is_over:
            highest = None if loss is None or found.loss is None else max(found.loss, loss)
            self._found = replace(found, loss=highest, now=now)
            return
        before = self._lowest
        if before is None:
            earlier = [loss for loss, _ in self._recent][: -len(self._latest)]
            before = _mean(earlier) if earlier else None
        self._found = Diagnosis("exploded", step, now, self._step, lr, before, loss, self._cause(step))

    def _look_at_losses(self) -> None:
        mean, accuracy = self._mean(), _mean(accuracy for _, accuracy in self._recent)
        began = self._step - len(self._recent) + 1  # of the steps in the mean
        found = self._found
        if mean < _LEARNING:
            self._lowest = mean if self._lowest is None or (found and not found.is_over) else min(self._lowest, mean)
            if found is not None and found.what == "flat":
                self._found = None
            elif found is not None and began > found.step:
                self._found = replace(found, now="learning")
        elif found is not None and not found.is_over:
            if mean < EXPLODED_LOSS and (found.what == "exploded" or found.now != "guessing"):
                self._found = replace(found, now="guessing")
            elif found.what == "flat":
                self._found = replace(found, loss=mean)
        elif mean > _GUESSING and accuracy < _GUESSED_ACCURACY:
            if self._lowest is not None:
                self._found = self._guessing("forgot", began)
            elif self._step >= FIRST_LOOK:
                self._found = self._guessing("flat", 0)

    def _look_at_test_accuracy(self) -> None:
        """The last step may have ruined what the losses before it do not tell."""
        is_well = self._found is None or self._found.is_over
        if is_well and self._lowest is not None and self._guesses_at_test():
            self._found = self._guessing("forgot", self._step)

    def _guesses_so_far(self) -> bool:
        guesses = self._mean() > _LEARNING
        if self._test_accuracy is None:
            return guesses
        # Weights as they were drawn reach a little more than a guess by chance; the loss says what they know.
        return self._guesses_at_test() or (guesses and self._test_accuracy < _GUESSED_ACCURACY)

    def _guesses_at_test(self) -> bool:
        return self._test_accuracy is not None and self._test_accuracy < _GUESSED_TEST_ACCURACY

    def _guessing(self, what: str, step: int) -> Diagnosis:
        lr = self._latest[-1].get("lr") if self._latest else None
        cause = self._cause(self._step) if what == "forgot" else None
        return Diagnosis(what, step, "guessing", self._step, lr, self._lowest, self._mean(), cause)

    def _cause(self, step: int) -> RateChange | None:
        change = self._change
        if change is None or change.after <= change.before:
            return None
        return change if change.step <= step <= change.step + _CAUSE_STEPS else None

    def _mean(self) -> float:
        return _mean(loss for loss, _ in self._recent)


def diagnose(rows: Iterable[Row], batch_size: int, *, at_the_end: bool = False) -> Diagnosis | None:
    """What is wrong with the run that has reported these `rows` of metrics.jsonl; None where nothing is."""
    watch = Watch(batch_size)
    for row in rows:
        watch.add(row)
    return watch.diagnosis(at_the_end=at_the_end)


def _rate_change(row: Row) -> RateChange:
    return RateChange(row["step"], row["from"], row["lr"], row.get("set_before", row["from"]))


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return math.fsum(values) / len(values) if values else 0.0
