"""One optimizer step: from the places of a batch's images in the data to new weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.data.augment import AUGMENTATIONS
from nin.engine.cuda_graph import GraphedStep
from nin.engine.fast_network import FastNetwork
from nin.training.trainer import Trainer, set_lr


class Stepper:
    """Takes the trainer's next steps; makes what they need once and keeps it.

    Images are drawn, augmented and enlarged on the device, without waiting for it: no number
    is asked of it, and every tensor that a later step needs stays in its place, so that the
    whole step can be recorded (`nin.engine.cuda_graph`).
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        engine = trainer.engine
        self._fast_network = FastNetwork(trainer.model, normalise=trainer.recipe.normalise, engine=engine)
        self._network = torch.compile(self._fast_network) if engine.compile else self._fast_network
        if trainer.team is not None:
            self._network = trainer.team.wrap(self._network)
        self._generator = engine.generator()
        self._which = torch.zeros(trainer.batch_size, dtype=torch.int64, device=engine.device)  # places in the data
        self._measured = torch.zeros(2, device=engine.device)  # the step's loss and accuracy
        self._order, self._order_epoch = self._which, 0
        self._graphed = (
            GraphedStep(self._compute, self._draw_elsewhere) if engine.graph and trainer.team is None else None
        )

    @property
    def is_recorded(self) -> bool:
        """Whether the step is replayed from a CUDA graph."""
        return self._graphed is not None and self._graphed.is_recorded

    @property
    def graph_failure(self) -> str | None:
        """Why the step is not replayed from a CUDA graph although the engine asks for it."""
        return None if self._graphed is None else self._graphed.failure

    def take(self, lr: float | None = None) -> None:
        """One step at the rate `lr`, or the schedule's."""
        for _images_done in self.take_in_parts(lr):
            pass

    def take_in_parts(self, lr: float | None = None) -> Iterator[int]:
        """The same, yielding the images done so far wherever something else may be done in between.

        Abandoned there, it leaves weights and optimizer as they were. A step that is replayed, or
        taken by a team, has no such places: it yields nothing.
        """
        trainer = self._trainer
        epochs_done, step_of_epoch = divmod(trainer.step, trainer.steps_per_epoch)
        epoch = epochs_done + 1
        lr = trainer.lr if lr is None else lr
        self._choose_images(epoch, step_of_epoch)
        self._seed()
        set_lr(trainer.optimizer, lr)
        trainer.model.train()
        if self._graphed is not None:
            self._graphed()
        elif trainer.team is not None:  # whose members wait for each other: none may stop halfway
            self._compute()
        else:
            yield from self._compute_in_parts()
        trainer.count_step()
        trainer.loss_reader.add(trainer.step, epoch, lr, trainer.batch_size, self._measured)

    def _choose_images(self, epoch: int, step_of_epoch: int) -> None:
        trainer, n = self._trainer, self._trainer.batch_size
        if epoch != self._order_epoch:
            order = epoch_order(trainer.seed, epoch, len(trainer.train.labels))
            self._order, self._order_epoch = order.to(trainer.engine.device), epoch
        self._which.copy_(self._order[step_of_epoch * n : (step_of_epoch + 1) * n])

    def _seed(self) -> None:
        self._generator.manual_seed(step_seed(self._trainer.seed, self._trainer.step))

    def _draw_elsewhere(self) -> None:
        self._generator = torch.Generator(self._trainer.engine.device)
        self._seed()

    def _compute(self) -> None:
        for _images_done in self._compute_in_parts():
            pass

    def _compute_in_parts(self) -> Iterator[int]:
        """The step itself. A large batch is worked through in parts whose gradients add up to its own:
        less memory, and on slow devices a stop need not wait for all of it.
        """
        trainer, team = self._trainer, self._trainer.team
        images = trainer.train.images[self._which].unsqueeze(1).float() / 255  # (N, 1, 28, 28) in [0, 1]
        labels = trainer.train.labels[self._which]  # (N,)
        # All processes of a team draw for the whole batch, then each takes its share.
        images = AUGMENTATIONS[trainer.recipe.augment](images, self._generator)
        masks = self._fast_network.draw_masks(len(images), self._generator)  # one for each dropout layer
        if team is not None:
            images, labels, masks = team.share(images), team.share(labels), [team.share(mask) for mask in masks]
        self._measured.zero_()
        trainer.optimizer.zero_grad(set_to_none=True)
        *parts, last = trainer.engine.parts(len(images), trainer.architecture)
        for part in parts:
            # Gradients are exchanged once, with the last part.
            with contextlib.nullcontext() if team is None else self._network.no_sync():
                self._accumulate(part, images, labels, masks)
            yield part.stop
        self._accumulate(last, images, labels, masks)
        if team is not None:
            team.average(self._measured)
        trainer.optimizer.step()
        trainer.epoch_sums += self._measured

    def _accumulate(self, part: slice, images: Tensor, labels: Tensor, masks: list[Tensor]) -> None:
        """Forward and backward: adds this part's share of the batch's gradients, loss and accuracy."""
        target = labels[part]
        logits = self._network(images[part], [mask[part] for mask in masks])
        loss = F.cross_entropy(logits, target, label_smoothing=self._trainer.recipe.label_smoothing)
        share = len(target) / len(labels)
        (loss * share).backward()
        with torch.no_grad():
            self._measured += share * torch.stack([loss.detach(), (logits.argmax(1) == target).float().mean()])


# --- everything random in a run is a function of its seed and of where the run is ---------------
# A run that was restored from a checkpoint therefore sees the images, in the order and with the
# augmentation, that it would have seen; and so does each of several processes that share a run.

_ORDER, _STEP = 0, 1  # streams of random numbers that never meet


def epoch_order(seed: int, epoch: int, images: int) -> Tensor:
    """int64 (images,): the order in which epoch number `epoch` goes through the data."""
    generator = torch.Generator().manual_seed(_mix(seed, _ORDER, epoch))
    return torch.randperm(images, generator=generator)


def step_seed(seed: int, step: int) -> int:
    """What a step's augmentation and dropout are drawn from."""
    return _mix(seed, _STEP, step)


def _mix(seed: int, stream: int, counter: int) -> int:
    """A seed of its own for each use and each step (splitmix64's finaliser)."""
    z = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + counter * 0x94D049BB133111EB) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    return (z ^ (z >> 31)) & (2**63 - 1)
