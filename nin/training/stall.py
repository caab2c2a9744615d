"""Recognising a run that has learnt nothing, and saying what to try."""

from __future__ import annotations

import math
import statistics
from typing import Any

import torch

from nin.engine.evaluate import logits_in_parts
from nin.training.trainer import Trainer

STALL_STEP = 200  # by now a network that learns has left ln 10
STALL_IMAGES = 256
UNTRAINED_LOSS = math.log(10)  # of a network that gives all ten classes the same probability


def has_recovered(trainer: Trainer) -> bool:
    """Whether the loss has left behind what `find_stall` found."""
    return statistics.fmean(trainer.loss_reader.recent_losses) < UNTRAINED_LOSS - 0.05


def find_stall(trainer: Trainer) -> dict[str, Any] | None:
    """What a run that has learnt nothing looks like and what to try; None for one that learns."""
    loss = statistics.fmean(trainer.loss_reader.recent_losses)
    if loss < UNTRAINED_LOSS - 0.01:
        return None
    parts = logits_in_parts(
        trainer.model,
        trainer.train.images[:STALL_IMAGES],
        trainer.architecture,
        normalise=trainer.recipe.normalise,
        engine=trainer.engine,
    )
    # The chapter's last ReLU lets nothing through to a class whose map is negative everywhere.
    dead = (torch.cat(list(parts)) == 0).all(dim=0).sum().item()
    advice = ["He initialisation"] if trainer.recipe.init in ("default", "xavier") else []
    advice += [] if trainer.recipe.logit_head else ["the logit head (no ReLU behind the last convolution)"]
    advice += ["a lower learning rate" if loss > UNTRAINED_LOSS + 0.05 else "another learning rate"]
    return {"loss": loss, "dead_classes": dead, "advice": advice}
