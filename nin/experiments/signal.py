"""How far the signal comes in a network that has learnt nothing yet: why some runs stall at ln 10.

A layer's *spread* is how much its outputs differ between images, as a standard deviation: where it
falls from layer to layer, all images look the same to the last block, and there is nothing to
learn from. A *dead* logit is one that is exactly 0 behind the last ReLU: no gradient passes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nin.data.dataset import Split
from nin.model.network import NiN, initialise
from nin.presets import Preset, Recipe, architecture_for
from nin.storage.checkpoint import Checkpoint, network_input

IMAGES = 64


@dataclass(frozen=True)
class Signal:
    layers: tuple[str, ...]  # with weights, by dotted index
    spread: tuple[float, ...]  # of each: standard deviation between images, root mean square over its values
    dead_logits: float  # share of images x classes
    dead_classes: int  # of which every image's logit is 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "layers": list(self.layers),
            "spread": [float(f"{value:.4g}") for value in self.spread],
            "dead_logits": round(self.dead_logits, 4),
            "dead_classes": self.dead_classes,
        }


def signal_at_start(preset: Preset, recipe: Recipe, seed: int, train: Split) -> Signal:
    """Of the weights that a run of this seed begins with, on the first training images."""
    architecture = architecture_for(preset, recipe)
    model = initialise(NiN(architecture), recipe.init, seed).eval()
    checkpoint = Checkpoint(architecture, {}, preset.name, recipe.normalise)
    return signal_through(model, network_input(train.images[:IMAGES].cpu(), checkpoint))


@torch.inference_mode()
def signal_through(model: NiN, x: Tensor) -> Signal:
    """(N, 1, S, S) as the network is fed; `model` is in evaluation mode."""
    spread = {}
    for index, layer in model.layers().items():
        x = layer(x)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            spread[index] = x.double().std(dim=0).square().mean().sqrt().item()
    dead = x == 0
    return Signal(tuple(spread), tuple(spread.values()), dead.double().mean().item(), int(dead.all(dim=0).sum()))
