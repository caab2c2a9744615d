"""Where the network saw what it says: the last block's ten maps, whose means are the logits.

There is no dense layer behind them. A class's logit is the mean of its map, so every cell of
the map contributes its value divided by the number of cells, and the contributions add up to
the logit: an explanation that is the computation itself. Where maps are pooled by their maximum,
one cell contributes all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nin.model.network import NiN


@dataclass(frozen=True)
class Evidence:
    maps: Tensor  # float64 (10, h, w): the last block's output, a map per class
    pooling: str = "average"  # or "max": how a map becomes a logit

    @property
    def cells(self) -> int:
        return self.maps[0].numel()

    @property
    def contributions(self) -> Tensor:
        """(10, h, w): what each cell adds to its class's logit."""
        if self.pooling == "max":
            flat = self.maps.flatten(1)
            alone = torch.zeros_like(flat).scatter_(1, flat.argmax(1, keepdim=True), 1.0)
            return (flat * alone).view_as(self.maps)
        return self.maps / self.cells

    @property
    def logits(self) -> Tensor:
        """(10,)"""
        return self.maps.amax(dim=(1, 2)) if self.pooling == "max" else self.maps.mean(dim=(1, 2))


def find_evidence(network: NiN, batch: Tensor) -> Evidence:
    """For one image as the network is fed it, (1, 1, S, S); WeightsError where the network has no class maps."""
    with torch.inference_mode():
        return Evidence(network.class_maps(batch)[0].double(), network.architecture.pooling)


def printed(values: Tensor, decimals: int) -> tuple[Tensor, int]:
    """`values` rounded so that the rounded ones add up to the rounded sum, in units of the last digit.

    Returns whole numbers of the same shape and their sum. Every value is within one unit of the
    last digit; which ones are rounded the other way is decided by the largest remainders, so
    that a reader who adds up what is printed gets exactly what is printed below the line.
    """
    scaled = values.double() * 10**decimals
    total = int(scaled.sum().round())
    floors = scaled.floor()
    missing = total - int(floors.sum())
    flat = floors.flatten().long()
    largest = (scaled - floors).flatten().argsort(descending=True, stable=True)[:missing]
    flat[largest] += 1
    return flat.view(values.shape), total


def shares(probabilities: Sequence[float] | Tensor) -> list[str]:
    """Probabilities that add up to 1 as percentages with one decimal that add up to exactly 100.0 %."""
    tenths, _ = printed(torch.as_tensor(probabilities), 3)
    return [f"{tenth / 10:.1f}%" for tenth in tenths.tolist()]
