"""A network, its optimizer and where it is in the data: all that a checkpoint restores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from nin.data.dataset import Dataset
from nin.data.drawings import with_drawings
from nin.engine.device import Engine
from nin.errors import RunError
from nin.model.network import NiN, initialise
from nin.presets import Preset, Recipe, architecture_for
from nin.storage.checkpoint import Checkpoint
from nin.training.loss_reader import LossReader
from nin.training.records import Step
from nin.training.schedule import Schedule
from nin.training.team import Team


class Trainer:
    """The state of a training run, between two steps; `nin.training.fit.fit` moves it on.

    `lr`, `epochs`, `landmarks` and `give_way` may be set at any time.
    """

    def __init__(
        self,
        preset: Preset,
        recipe: Recipe,
        data: Dataset,
        *,
        engine: Engine,
        seed: int = 0,
        train_size: int | None = None,
        team: Team | None = None,
    ) -> None:
        self.preset, self.recipe, self.engine, self.seed, self.team = preset, recipe, engine, seed, team
        self.data_source = data.source
        train = data.train.first(train_size)
        if recipe.drawings:
            train = with_drawings(train, recipe.drawings)
        self.train = train.to(engine.device)
        self.test = data.test.to(engine.device)
        self.architecture = architecture_for(preset, recipe)
        self.model = engine.place(initialise(NiN(self.architecture), recipe.init, seed))
        self.optimizer = build_optimizer(self.model, recipe, engine)
        self.schedule = Schedule(recipe.schedule, recipe.lr)
        self.epochs = recipe.epochs
        self.step = 0
        self.evaluation_pending = False  # whether an epoch's steps are done, but not its evaluation
        self.seconds = 0.0
        self.epoch_sums = torch.zeros(2, device=engine.device)  # loss and accuracy of the epoch's steps so far
        self.evaluation_images: int | None = None  # test images that are enough before the last epoch; None: all
        self.landmarks: frozenset[int] = frozenset()  # steps whose record comes before the next step is begun
        self.give_way: Callable[[], None] = lambda: None  # called often; training waits for it to return
        self.loss_reader = LossReader()

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
        """The epoch under way, from 1; one whose evaluation is not done yet is still under way."""
        done = self.step // self.steps_per_epoch - self.evaluation_pending
        return min(done + 1, self.epochs)

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

    def follow_schedule(self, peak: float) -> None:
        """Undo what was set by hand: from the next step on the schedule holds, with this peak."""
        self.schedule.follow(peak)

    @property
    def has_diverged(self) -> bool:
        return self.loss_reader.diverged is not None

    def count_step(self) -> None:
        """A step has been taken; an epoch's last one leaves its evaluation to be done."""
        self.step += 1
        self.evaluation_pending = self.step % self.steps_per_epoch == 0

    def end_epoch(self) -> tuple[float, float]:
        """The evaluation is done; returns mean loss and accuracy of the epoch's steps and begins the next one's."""
        loss, accuracy = (self.epoch_sums / self.steps_per_epoch).tolist()
        self.epoch_sums.zero_()
        self.evaluation_pending = False
        return loss, accuracy

    def unreported(self) -> Iterator[Step]:
        """Records of steps that are done and have not come out of `fit` yet; waits for the device."""
        self.loss_reader.settle(lambda: self.seconds)
        yield from self.loss_reader.read()

    def checkpoint(self) -> Checkpoint:
        """The weights as they are now, with what a resumed run needs beside the optimizer's state."""
        epoch_loss, epoch_accuracy = self.epoch_sums.tolist()
        extra = {
            "seed": self.seed,
            "data_source": self.data_source,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "epoch_loss": epoch_loss,
            "epoch_accuracy": epoch_accuracy,
            "evaluation_pending": self.evaluation_pending,
            "evaluation_images": self.evaluation_images,
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
        """Go on from `checkpoint`; RunError where it belongs to another network. A fork may have another dropout."""
        if replace(checkpoint.architecture, dropout=None) != replace(self.architecture, dropout=None):
            raise RunError("the checkpoint belongs to another network than this run's configuration")
        self.model.load_state_dict(checkpoint.tensors)
        parameters = dict(self.model.named_parameters())
        for name, value in optimizer.items():
            key, _, parameter_name = name.partition("/")
            parameter = parameters[parameter_name]
            if value.dim():  # moments are laid out like their parameter
                placed = torch.empty_like(parameter).copy_(value)
            else:  # a fused optimizer counts its steps on the device, others on the CPU
                placed = value.to(parameter.device if self.engine.fused_optimizer else "cpu", copy=True)
            self.optimizer.state[parameter][key] = placed
        self.step, extra = checkpoint.step, checkpoint.extra
        self.epochs, self.seconds = extra["epochs"], extra["seconds"]
        self.epoch_sums.copy_(torch.tensor([extra["epoch_loss"], extra["epoch_accuracy"]]))
        # Older checkpoints do not say it; but an epoch's sums are cleared once its evaluation is done.
        at_its_end = self.step > 0 and self.step % self.steps_per_epoch == 0
        self.evaluation_pending = extra.get("evaluation_pending", at_its_end and extra["epoch_loss"] != 0)
        self.evaluation_images = extra.get("evaluation_images")
        self.schedule.restore(extra["schedule"])


def build_optimizer(model: NiN, recipe: Recipe, engine: Engine) -> torch.optim.Optimizer:
    parameters = list(model.parameters())
    # Fused: one kernel for all parameters, on CPU as on CUDA.
    options: dict[str, Any] = {
        "lr": recipe.lr,
        "weight_decay": recipe.weight_decay,
        "fused": engine.fused_optimizer,
    }
    match recipe.optimizer:
        case "sgd":
            optimizer = torch.optim.SGD(parameters, momentum=recipe.momentum, **options)
        case "adamw":
            optimizer = torch.optim.AdamW(parameters, capturable=engine.graph, **options)
        case _:
            optimizer = torch.optim.Adam(parameters, capturable=engine.graph, **options)
    if engine.graph:
        # A number would be baked into a recorded step: the rate has to be where the step can read it.
        for group in optimizer.param_groups:
            group["lr"] = torch.tensor(recipe.lr, device=engine.device)
    return optimizer


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr
