"""From logits to probabilities that mean what they say, for photos and for drawings.

A temperature (Guo et al. 2017, arXiv 1706.04599) divides the logits before the softmax. Drawings
have one of their own, and classes that are mixed up on drawings share what the two have together
by another, higher one: both were fitted (`drawings.calibrate`) on drawings the weights never saw.
No answer changes by it, only how sure the network says it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nin.storage.files import read_json

Pair = tuple[int, int]  # classes, the smaller number first
PAIRS_KEY = "drawing_pair_temperatures"


@dataclass(frozen=True)
class Calibration:
    temperature: float = 1.0
    drawings: float | None = None  # the temperature for drawings; None: the same
    pairs: dict[Pair, float] = field(default_factory=dict)  # on drawings, of classes that are mixed up

    def temperature_for(self, *, is_drawing: bool) -> float:
        return self.drawings or self.temperature if is_drawing else self.temperature

    def leading_pair(self, logits: Tensor, *, is_drawing: bool) -> Pair | None:
        """The two classes in front, (10,) logits, where they are a pair that is mixed up on drawings."""
        pair = pair_of(*logits.topk(2).indices.tolist())
        return pair if is_drawing and pair in self.pairs else None

    def probabilities(self, logits: Tensor, *, is_drawing: bool = False) -> Tensor:
        """(10,) -> (10,), in the order of the logits."""
        shares = torch.softmax(logits / self.temperature_for(is_drawing=is_drawing), 0)
        pair = self.leading_pair(logits, is_drawing=is_drawing)
        if pair is not None:
            # Both are in front of all others, and so they stay: the larger keeps at least half of what the two have.
            both = list(pair)
            shares[both] = shares[both].sum() * torch.softmax(logits[both] / self.pairs[pair], 0)
        return shares


def pair_of(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def card_calibration(weights: Path) -> Calibration:
    """What the card beside weights says; a plain softmax where there is none or it makes no sense."""
    card = read_json(weights.with_suffix(".json"))
    named = card.get(PAIRS_KEY)
    pairs = {}
    for name, value in (named if isinstance(named, dict) else {}).items():
        ids = name.split("-")
        if len(ids) == 2 and all(i.isdecimal() and int(i) < 10 for i in ids) and (number := _positive(value)):
            pairs[pair_of(int(ids[0]), int(ids[1]))] = number
    return Calibration(_positive(card.get("temperature")) or 1.0, _positive(card.get("drawing_temperature")), pairs)


def card_temperature(weights: Path) -> float:
    """The temperature in the card beside weights; 1 where there is none."""
    return card_calibration(weights).temperature


def _positive(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
