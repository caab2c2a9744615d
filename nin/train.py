"""Training as a generator: `fit` yields typed records and does nothing else.

It neither prints nor draws nor writes. Between two records the caller may change
`trainer.lr` and `trainer.epochs`, save `trainer.checkpoint()`, wait (a pause) or stop asking
(a stop): a run is controlled by whoever iterates.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.augment import AUGMENTATIONS
from nin.checkpoint import Checkpoint, prepare
from nin.data import Dataset, Split
from nin.device import Engine
from nin.errors import Diverged, RunError
from nin.evaluate import logits_in_parts
from nin.model import NiN, initialise
from nin.presets import Preset, Recipe, architecture_for
from nin.schedule import Schedule

REPORT_SECONDS = 0.2  # how often per-step losses are read from the device
EVALUATION_SECONDS = 2.0  # how long an evaluation may hold up the live curve
SMALLEST_EVALUATION = 500
STALL_STEP = 200  # by now a network that learns has left ln 10
STALL_IMAGES = 256
UNTRAINED_LOSS = math.log(10)  # of a network that gives all ten classes the same probability


@dataclass(frozen=True)
class Step:
    """One optimizer step."""

    step: int
    epoch: int
    loss: float  # mean over the batch, before the step; with label smoothing where the recipe has it
    accuracy: float
    lr: float
    images_per_second: float
    seconds: float  # of training so far, pauses left out


@dataclass(frozen=True)
class Epoch:
    epoch: int
    step: int
    train_loss: float  # mean over the epoch's steps, while the weights were changing
    train_accuracy: float
    test_accuracy: float
    test_n: int  # test images that accuracy was measured on: the first so many
    seconds: float


@dataclass(frozen=True)
class Event:
    step: int
    what: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Nothing to record: a chance for the caller to act in the middle of something long."""

    phase: str  # "train" or "evaluate"
    done: int
    total: int


Record = Step | Epoch | Event | Progress


class Trainer:
    """A network, its optimizer and where it is in the data: all that a checkpoint restores."""

    def __init__(
        self,
        preset: Preset,
        recipe: Recipe,
        data: Dataset,
        *,
        engine: Engine,
        seed: int = 0,
        train_size: int | None = None,
    ) -> None:
        self.preset, self.recipe, self.engine, self.seed = preset, recipe, engine, seed
        self.train = Split(*(tensor[:train_size].to(engine.device) for tensor in data.train))
        self.test = Split(*(tensor.to(engine.device) for tensor in data.test))
        self.architecture = architecture_for(preset, recipe)
        self.model = engine.place(initialise(NiN(self.architecture), recipe.init, seed))
        self.optimizer = build_optimizer(self.model, recipe, engine)
        self.schedule = Schedule(recipe.schedule, recipe.lr)
        self.epochs = recipe.epochs
        self.step = 0
        self.seconds = 0.0
        self.epoch_loss = self.epoch_accuracy = 0.0  # sums over the steps of the epoch under way

    @property
    def batch_size(self) -> int:
        return min(self.recipe.batch_size, len(self.train.labels))

    @property
    def steps_per_epoch(self) -> int:
        # The ragged last batch is left out; a fresh permutation each epoch leaves out other images.
        return len(self.train.labels) // self.batch_size

    @property
    def total_steps(self) -> int:
        return self.epochs * self.steps_per_epoch

    @property
    def epoch(self) -> int:
        """The epoch under way, from 1."""
        return min(self.step // self.steps_per_epoch + 1, self.epochs)

    @property
    def progress(self) -> float:
        return self.step / self.total_steps

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return self.schedule.at(self.progress)

    @lr.setter
    def lr(self, value: float) -> None:
        self.schedule.set(value, self.progress)

    def checkpoint(self) -> Checkpoint:
        """The weights as they are now, with what a resumed run needs beside the optimizer's state."""
        extra = {
            "seed": self.seed,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "epoch_loss": self.epoch_loss,
            "epoch_accuracy": self.epoch_accuracy,
            "schedule": self.schedule.state(),
        }
        tensors = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        return Checkpoint(self.architecture, tensors, self.preset.name, self.recipe.normalise, self.step, extra)

    def optimizer_tensors(self) -> dict[str, Tensor]:
        """The optimizer's state by parameter name, e.g. "exp_avg/0.0.weight"."""
        names = {parameter: name for name, parameter in self.model.named_parameters()}
        return {
            f"{key}/{names[parameter]}": value.detach().clone()
            for parameter, state in self.optimizer.state.items()
            for key, value in state.items()
            if isinstance(value, Tensor)
        }

    def restore(self, checkpoint: Checkpoint, optimizer: dict[str, Tensor]) -> None:
        """Go on from `checkpoint`; RunError where it belongs to another network."""
        if checkpoint.architecture != self.architecture:
            raise RunError("the checkpoint belongs to another network than this run's configuration")
        self.model.load_state_dict(checkpoint.tensors)
        parameters = dict(self.model.named_parameters())
        for name, value in optimizer.items():
            key, _, parameter_name = name.partition("/")
            parameter = parameters[parameter_name]
            # A step counter stays where the optimizer keeps it; moments follow their parameter.
            placed = value.clone() if value.dim() == 0 else torch.empty_like(parameter).copy_(value)
            self.optimizer.state[parameter][key] = placed.to(parameter.device) if value.dim() else placed
        self.step = checkpoint.step
        for name in ("epochs", "seconds", "epoch_loss", "epoch_accuracy"):
            setattr(self, name, checkpoint.extra[name])
        self.schedule.restore(checkpoint.extra["schedule"])


def build_optimizer(model: NiN, recipe: Recipe, engine: Engine) -> torch.optim.Optimizer:
    parameters = list(model.parameters())
    # Fused: one kernel for all parameters, on CPU as on CUDA.
    options: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": engine.fused_optimizer}
    match recipe.optimizer:
        case "sgd":
            return torch.optim.SGD(parameters, momentum=recipe.momentum, **options)
        case "adamw":
            return torch.optim.AdamW(parameters, **options)
        case _:
            return torch.optim.Adam(parameters, **options)


def fit(trainer: Trainer) -> Iterator[Record]:
    """Train until `trainer.epochs` are done, yielding what happens.

    Per-step losses are summed on the device and read a few times a second, so steps may come
    in bursts. Everything is a function of the seed, the epoch and the step: a run that was
    restored from a checkpoint sees the images, in the order and with the augmentation, that it
    would have seen.
    """
    clock = _Clock(trainer)
    pending: list[tuple[int, float, Tensor]] = []  # step, lr, (loss, accuracy) on the device
    recent_losses: deque[float] = deque(maxlen=20)
    order, order_epoch = torch.empty(0), 0
    reported_at = trainer.seconds
    while trainer.step < trainer.total_steps:
        if trainer.epoch != order_epoch:
            order_epoch = trainer.epoch
            order = _permutation(trainer, order_epoch)
        epoch = trainer.epoch
        lr = trainer.lr
        measured = torch.zeros(2, device=trainer.engine.device)
        for done in _optimizer_step(trainer, order, lr, measured):
            if clock.now() - reported_at > REPORT_SECONDS and done < trainer.batch_size:
                yield from clock.outside(Progress("train", done, trainer.batch_size))
        trainer.step += 1
        pending.append((trainer.step, lr, measured))
        epoch_ends = trainer.step % trainer.steps_per_epoch == 0
        if clock.now() - reported_at > REPORT_SECONDS or epoch_ends or trainer.step == 1:
            values = torch.stack([measured for _, _, measured in pending]).tolist()  # the one wait for the device
            now = clock.now()
            rate = trainer.batch_size * len(pending) / max(now - reported_at, 1e-9)
            for (step, step_lr, _), (loss, accuracy) in zip(pending, values, strict=True):
                if not math.isfinite(loss):
                    yield from clock.outside(Event(step, "diverged", {"lr": step_lr}))
                    raise Diverged(
                        f"the loss was no longer a number at step {step}: a learning rate of {step_lr:g} was too high; "
                        f"resume with a lower one, or start again"
                    )
                trainer.epoch_loss += loss
                trainer.epoch_accuracy += accuracy
                yield from clock.outside(Step(step, epoch, loss, accuracy, step_lr, rate, now))
                recent_losses.append(loss)
            passes_check = pending[0][0] <= STALL_STEP <= trainer.step
            pending.clear()
            if passes_check and (symptoms := _stall(trainer, recent_losses)):
                yield from clock.outside(Event(trainer.step, "stalled", symptoms))
            reported_at = clock.now()
        if epoch_ends:
            yield from _end_epoch(trainer, epoch, clock)
            reported_at = clock.now()


def _optimizer_step(trainer: Trainer, order: Tensor, lr: float, measured: Tensor) -> Iterator[int]:
    """One step, yielding the images done so far after each part of the batch.

    A batch that is large for the device is worked through in parts whose gradients add up to
    the batch's own: less memory, and a stop need not wait for a whole batch.
    """
    engine, recipe = trainer.engine, trainer.recipe
    n, start = trainer.batch_size, (trainer.step % trainer.steps_per_epoch) * trainer.batch_size
    which = order[start : start + n]
    generator = torch.Generator(engine.device).manual_seed(_mix(trainer.seed, 1, trainer.step))
    torch.manual_seed(_mix(trainer.seed, 2, trainer.step))  # dropout
    images = trainer.train.images[which].unsqueeze(1).float() / 255
    images = AUGMENTATIONS[recipe.augment](images, generator)
    labels = trainer.train.labels[which]
    trainer.model.train()
    trainer.optimizer.zero_grad(set_to_none=True)
    size = engine.part_size(trainer.architecture)
    for part in range(0, n, size):
        batch = prepare(images[part : part + size], trainer.architecture, normalise=recipe.normalise)
        target = labels[part : part + size]
        with engine.autocast():
            logits = trainer.model(engine.arrange(batch))
        loss = F.cross_entropy(logits.float(), target, label_smoothing=recipe.label_smoothing)
        share = len(target) / n
        (loss * share).backward()
        with torch.no_grad():
            measured += share * torch.stack([loss.detach(), (logits.argmax(1) == target).float().mean()])
        yield part + len(target)
    for group in trainer.optimizer.param_groups:
        group["lr"] = lr
    trainer.optimizer.step()


def _end_epoch(trainer: Trainer, epoch: int, clock: _Clock) -> Iterator[Record]:
    """Measure the test accuracy; after the last epoch on all images, before on as many as 2 s allow."""
    last = trainer.step >= trainer.total_steps
    correct = seen = 0
    began = clock.now()
    parts = logits_in_parts(
        trainer.model,
        trainer.test.images,
        trainer.architecture,
        normalise=trainer.recipe.normalise,
        engine=trainer.engine,
    )
    for logits in parts:
        labels = trainer.test.labels[seen : seen + len(logits)]
        correct += int((logits.argmax(1) == labels).sum())
        seen += len(logits)
        if not last and seen >= SMALLEST_EVALUATION and clock.now() - began > EVALUATION_SECONDS:
            break
        yield from clock.outside(Progress("evaluate", seen, len(trainer.test.labels)))
    loss, accuracy = trainer.epoch_loss / trainer.steps_per_epoch, trainer.epoch_accuracy / trainer.steps_per_epoch
    trainer.epoch_loss = trainer.epoch_accuracy = 0.0
    yield from clock.outside(Epoch(epoch, trainer.step, loss, accuracy, correct / seen, seen, clock.now()))


def _stall(trainer: Trainer, recent_losses: Iterable[float]) -> dict[str, Any] | None:
    """What a run that has learnt nothing looks like, or None for one that learns."""
    loss = statistics.fmean(recent_losses)
    if loss < UNTRAINED_LOSS - 0.01:
        return None
    images = trainer.train.images[:STALL_IMAGES]
    parts = logits_in_parts(
        trainer.model, images, trainer.architecture, normalise=trainer.recipe.normalise, engine=trainer.engine
    )
    dead = (torch.cat(list(parts)) == 0).all(dim=0).sum().item()
    advice = ["He initialisation"] if trainer.recipe.init != "he" else []
    advice += [] if trainer.recipe.logit_head else ["the logit head (no ReLU behind the last convolution)"]
    advice += ["a lower learning rate" if loss > UNTRAINED_LOSS + 0.05 else "another learning rate"]
    return {"loss": loss, "dead_classes": dead, "advice": advice}


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


def _permutation(trainer: Trainer, epoch: int) -> Tensor:
    generator = torch.Generator().manual_seed(_mix(trainer.seed, 0, epoch))
    return torch.randperm(len(trainer.train.labels), generator=generator).to(trainer.engine.device)


def _mix(seed: int, stream: int, counter: int) -> int:
    """A seed of its own for each use and each step (splitmix64's finaliser)."""
    z = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + counter * 0x94D049BB133111EB) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    return (z ^ (z >> 31)) & (2**63 - 1)
