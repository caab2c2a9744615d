"""One optimizer step: from the places of a batch's images in the data to new weights."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.data.augment import AUGMENTATIONS
from nin.engine.cuda_graph import GraphedStep
from nin.engine.fast_network import FromPixels
from nin.training.chance import epoch_order, step_seed
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
        self._from_pixels = FromPixels(trainer.model, normalise=trainer.recipe.normalise, engine=engine)
        self._network = torch.compile(self._from_pixels) if engine.compile else self._from_pixels
        if trainer.team is not None:
            self._network = trainer.team.wrap(self._network)
        self._generator = engine.generator()
        self._which = torch.zeros(trainer.batch_size, dtype=torch.int64, device=engine.device)
        self._measured = torch.zeros(2, device=engine.device)
        self._order, self._order_epoch = self._which, 0
        self._graphed = (
            GraphedStep(self._whole_batch, self._draw_elsewhere) if engine.graph and trainer.team is None else None
        )

    @property
    def graph_failure(self) -> str | None:
        """Why the step is not replayed from a CUDA graph although the engine asks for it."""
        return None if self._graphed is None else self._graphed.failure

    def take(self, lr: float | None = None) -> Iterator[int]:
        """One step at the rate `lr`, or the schedule's; yields the images done so far between two parts.

        Abandoned between two parts, it leaves weights and optimizer as they were.
        """
        trainer = self._trainer
        epochs_done, step_of_epoch = divmod(trainer.step, trainer.steps_per_epoch)
        epoch = epochs_done + 1
        lr, n = trainer.lr if lr is None else lr, trainer.batch_size
        if epoch != self._order_epoch:
            order = epoch_order(trainer.seed, epoch, len(trainer.train.labels))
            self._order, self._order_epoch = order.to(trainer.engine.device), epoch
        self._which.copy_(self._order[step_of_epoch * n : (step_of_epoch + 1) * n])
        self._seed()
        set_lr(trainer.optimizer, lr)
        trainer.model.train()
        if self._graphed is not None:
            self._graphed()
        elif trainer.team is not None:  # whose members wait for each other: none may stop halfway
            self._whole_batch()
        else:
            yield from self._in_parts()
        trainer.step += 1
        trainer.readout.add(trainer.step, epoch, lr, n, self._measured)

    def _seed(self) -> None:
        self._generator.manual_seed(step_seed(self._trainer.seed, self._trainer.step))

    def _draw_elsewhere(self) -> None:
        self._generator = torch.Generator(self._trainer.engine.device)
        self._seed()

    def _whole_batch(self) -> None:
        deque(self._in_parts(), maxlen=0)

    def _in_parts(self) -> Iterator[int]:
        """The step itself. A large batch is worked through in parts whose gradients add up to its own:
        less memory, and on slow devices a stop need not wait for all of it.
        """
        trainer, team = self._trainer, self._trainer.team
        images = trainer.train.images[self._which].unsqueeze(1).float() / 255
        labels = trainer.train.labels[self._which]
        # All processes of a team draw for the whole batch, then each takes its share.
        images = AUGMENTATIONS[trainer.recipe.augment](images, self._generator)
        masks = self._from_pixels.draw_masks(len(images), self._generator)
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
        target = labels[part]
        logits = self._network(images[part], [mask[part] for mask in masks])
        loss = F.cross_entropy(logits, target, label_smoothing=self._trainer.recipe.label_smoothing)
        share = len(target) / len(labels)
        (loss * share).backward()
        with torch.no_grad():
            self._measured += share * torch.stack([loss.detach(), (logits.argmax(1) == target).float().mean()])
