"""Training as a generator: `fit` yields typed records and does nothing else.

It neither prints nor draws nor writes. Between two records the caller may change
`trainer.lr` and `trainer.epochs`, save `trainer.checkpoint()`, wait (a pause) or stop asking
(a stop): a run is controlled by whoever iterates.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

from nin.engine.evaluate import logits_in_parts
from nin.errors import Diverged
from nin.training.records import Epoch, Event, Progress, Record
from nin.training.step import Stepper
from nin.training.trainer import Trainer

REPORT_SECONDS = 0.2  # how long a loss may wait on the device before it is read
# An evaluation may hold up the live curve for two seconds. The first one finds out how many
# images that is, with something to spare, and those between it and the last use the same images.
EVALUATION_SECONDS = 1.5
SMALLEST_EVALUATION = 200  # fewer images say next to nothing: +- 6 %
TRAINING_IMAGES = (
    2000  # of them the accuracy is measured like that of test images; before the end of as many as the time allows
)


def fit(trainer: Trainer) -> Iterator[Record]:
    """Train until `trainer.epochs` are done, yielding what happens.

    Losses are read a few times a second, so steps may come in bursts, and `trainer.step` may
    be ahead of the step that is reported; `trainer.unreported()` has the rest. Raises Diverged
    when a loss is not a finite number.
    """
    clock = _Clock(trainer)
    stepper, losses = Stepper(trainer), trainer.loss_reader
    graph_failure = None
    losses.restart(trainer.step, clock.now())
    while True:
        if trainer.evaluation_pending:  # not least where a run was stopped in its evaluation
            yield from _end_epoch(trainer, clock)
            losses.restart(trainer.step, clock.now())
        if trainer.step >= trainer.total_steps:
            return
        yield from _take_step(trainer, stepper, clock)
        if stepper.graph_failure != graph_failure:
            graph_failure = stepper.graph_failure
            yield from clock.outside(Event(trainer.step, "eager", {"why": graph_failure}))

        before = losses.last_step
        if trainer.step % trainer.steps_per_epoch == 0 or trainer.step in trainer.landmarks or before == 0:
            losses.settle(clock.now)
        else:
            losses.advance(clock.now, hurry=losses.waiting_since(clock.now()) > REPORT_SECONDS)
        yield from (record for step in losses.read() for record in clock.outside(step))
        if losses.diverged is not None:
            yield from _diverge(*losses.diverged, clock)


def _take_step(trainer: Trainer, stepper: Stepper, clock: _Clock) -> Iterator[Record]:
    if trainer.team is not None:
        with trainer.team.leading_step(trainer.lr, trainer.epochs):
            stepper.take()
        return
    for done in stepper.take_in_parts():
        trainer.give_way()
        if trainer.loss_reader.waiting_since(clock.now()) > REPORT_SECONDS:
            yield from clock.outside(Progress("train", done, trainer.batch_size))
    trainer.give_way()


def _diverge(step: int, lr: float, clock: _Clock) -> Iterator[Record]:
    yield from clock.outside(Event(step, "diverged", {"lr": lr}))
    raise Diverged(
        "the loss was no longer a number at step {step}: a learning rate of {lr:g} was too high; resume with a lower one, or start again",
        step=step,
        lr=lr,
    )


def _end_epoch(trainer: Trainer, clock: _Clock) -> Iterator[Record]:
    """Measure the test accuracy; after the last epoch on all images, before on a fixed part of them."""
    epoch = trainer.step // trainer.steps_per_epoch
    correct = seen = 0
    began: float | None = None  # the end of the first part, in which a GPU's kernels are chosen
    parts = logits_in_parts(
        trainer.model,
        trainer.test.images,
        trainer.architecture,
        normalise=trainer.recipe.normalise,
        engine=trainer.engine,
    )
    for logits in parts:
        trainer.give_way()
        labels = trainer.test.labels[seen : seen + len(logits)]
        correct += int((logits.argmax(1) == labels).sum())
        seen += len(logits)
        began = began or clock.now()
        if trainer.step < trainer.total_steps:
            if trainer.evaluation_images is None and clock.now() - began > EVALUATION_SECONDS:
                trainer.evaluation_images = seen
            if trainer.evaluation_images is not None and seen >= max(trainer.evaluation_images, SMALLEST_EVALUATION):
                break
        yield from clock.outside(Progress("evaluate", seen, len(trainer.test.labels)))
    right, asked = yield from _evaluate_training_images(trainer, clock)
    loss, accuracy = trainer.end_epoch()
    epoch_record = Epoch(epoch, trainer.step, loss, accuracy, correct / seen, seen, clock.now(), right / asked, asked)
    yield from clock.outside(epoch_record)


def _evaluate_training_images(trainer: Trainer, clock: _Clock) -> Generator[Record, None, tuple[int, int]]:
    """How many of how many training images the network recognises.

    As test images are: the same weights, no mirroring, no dropout. The mean over an epoch's
    batches cannot be compared with the test accuracy.
    """
    began, right, asked = clock.now(), 0, 0
    some = trainer.train.first(TRAINING_IMAGES)
    parts = logits_in_parts(
        trainer.model, some.images, trainer.architecture, normalise=trainer.recipe.normalise, engine=trainer.engine
    )
    for logits in parts:
        trainer.give_way()
        right += int((logits.argmax(1) == some.labels[asked : asked + len(logits)]).sum())
        asked += len(logits)
        is_last = trainer.step >= trainer.total_steps
        if not is_last and asked >= SMALLEST_EVALUATION and clock.now() - began > EVALUATION_SECONDS:
            break
        yield from clock.outside(Progress("evaluate", asked, len(some.labels)))
    return right, asked


class _Clock:
    """Seconds of training: time that the caller takes between two records is left out."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.started = time.perf_counter()

    def now(self) -> float:
        moment = time.perf_counter()
        self.trainer.seconds += moment - self.started
        self.started = moment
        return self.trainer.seconds

    def outside(self, record: Record) -> Iterator[Record]:
        self.now()
        yield record
        self.started = time.perf_counter()
