"""Accuracy on a labelled split, in parts that fit the device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES
from nin.engine.device import Engine
from nin.engine.fast_network import FastNetwork
from nin.model.architecture import Architecture
from nin.model.network import NiN
from nin.storage.checkpoint import Checkpoint


@dataclass(frozen=True)
class Evaluation:
    logits: Tensor  # float32 (N, 10), in the split's order
    labels: Tensor  # int64 (N,)

    @property
    def n(self) -> int:
        return len(self.labels)

    @property
    def accuracy(self) -> float:
        return (self.logits.argmax(1) == self.labels).double().mean().item()

    @property
    def confusion(self) -> Tensor:
        """(10, 10): how many images of the row's class were taken for the column's."""
        pairs = self.labels * len(CLASS_NAMES) + self.logits.argmax(1)
        return torch.bincount(pairs, minlength=len(CLASS_NAMES) ** 2).view(len(CLASS_NAMES), -1)

    @property
    def per_class(self) -> dict[str, float]:
        """Share of each class's images that were recognised."""
        confusion = self.confusion.double()
        recalls = confusion.diagonal() / confusion.sum(1).clamp(min=1)
        return dict(zip(CLASS_NAMES, recalls.tolist(), strict=True))


def logits_in_parts(
    model: NiN, images: Tensor, architecture: Architecture, *, normalise: bool, engine: Engine
) -> Iterator[Tensor]:
    """Yields the logits (n, 10) of consecutive parts of `images`, uint8 (N, 28, 28)."""
    fast_network = FastNetwork(model, normalise=normalise, engine=engine)
    model.eval()
    for part in engine.parts(len(images), architecture):
        # Entered anew for each part: a generator must not leave a mode switched on for its caller.
        with torch.inference_mode():
            logits = fast_network(images[part].to(engine.device).unsqueeze(1).float() / 255)
        yield logits


def evaluate(checkpoint: Checkpoint, split: Split, engine: Engine) -> Evaluation:
    *_, whole = evaluate_in_parts(checkpoint, split, engine)
    return whole


def evaluate_in_parts(checkpoint: Checkpoint, split: Split, engine: Engine) -> Iterator[Evaluation]:
    """Yields the evaluation of the images so far; the last is that of all."""
    model = engine.place(checkpoint.network())
    found: list[Tensor] = []
    for part in logits_in_parts(
        model, split.images, checkpoint.architecture, normalise=checkpoint.normalise, engine=engine
    ):
        found.append(part.cpu())
        logits = torch.cat(found)
        yield Evaluation(logits, split.labels[: len(logits)].cpu())
