"""Any picture -> what the network sees -> ranked classes.

The command line and the pages use this one way, so they give the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from nin.classify.clothing_detector import LEAST_CONFIDENCE, LIMIT, Gate, find_gate
from nin.classify.preprocess import look, see
from nin.data.fashion_mnist import CLASS_NAMES
from nin.model.network import NiN, check_logits
from nin.storage.checkpoint import Checkpoint, load_checkpoint, network_input
from nin.storage.files import read_json
from nin.storage.weights import find_weights

__all__ = ["Answer", "Classifier", "see"]


EVEN = 0.01  # probabilities no further apart than this are those of a network that has learnt nothing


@dataclass(frozen=True)
class Answer:
    """What a network makes of one 28x28 image."""

    probabilities: tuple[float, ...]  # ten, in Fashion-MNIST's order
    logits: tuple[float, ...] = field(repr=False)
    known: bool = True  # False: it looks like none of the ten; the label is then a mere best guess
    is_empty: bool = False  # there was nothing to look at

    @property
    def is_guess(self) -> bool:
        """Whether all ten classes have the same probability: no answer at all."""
        return max(self.probabilities) - min(self.probabilities) < EVEN

    @property
    def class_id(self) -> int:
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def label(self) -> str:
        return CLASS_NAMES[self.class_id]

    @property
    def confidence(self) -> float:
        return self.probabilities[self.class_id]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `python -m nin classify --json` prints it."""
        return {
            "label": self.label,
            "class_id": self.class_id,
            "confidence": self.confidence,
            "known": self.known,
            "guess": self.is_guess,
            "probabilities": list(self.probabilities),
        }


class Classifier:
    """A network with what belongs to its answers; computes in float32 on the CPU."""

    def __init__(
        self, checkpoint: Checkpoint, network: NiN, *, temperature: float = 1.0, gate: Gate | None = None
    ) -> None:
        """`temperature` divides the logits; `gate` says what is none of the ten."""
        self.checkpoint, self.network = checkpoint, network
        self.temperature, self.gate = temperature, gate

    @classmethod
    def from_weights(cls, which: str | Path) -> Classifier:
        """`which` is a name on the shelf, a file or a run directory; WeightsError if there is none."""
        return cls.from_file(find_weights(which))

    @classmethod
    def from_file(cls, path: Path) -> Classifier:
        """With the temperature of the card beside the file, and the gate that serves it; WeightsError if it is no good."""
        checkpoint = load_checkpoint(path)
        return cls(checkpoint, checkpoint.network(), temperature=card_temperature(path), gate=find_gate(path))

    def classify_picture(self, picture: Image.Image) -> Answer:
        """The answer for a picture of any size, RGBA as `open_picture` returns it."""
        seen = look(picture)
        return self.classify(seen.pixels, scattered=seen.is_scattered)

    def classify(self, pixels: Tensor, *, scattered: bool = False) -> Answer:
        """The answer for uint8 (28, 28), bright on black; `scattered` pictures are none of the ten.

        Raises WeightsError where the weights give no numbers.
        """
        with torch.inference_mode():
            logits = self.network(self.input(pixels))[0].double()
            check_logits(logits)
            probabilities = torch.softmax(logits / self.temperature, 0)
        is_empty = not bool(pixels.any())
        is_guess = float(probabilities.max() - probabilities.min()) < EVEN
        return Answer(
            tuple(probabilities.tolist()),
            tuple(logits.tolist()),
            known=not (is_empty or scattered or is_guess) and self._knows(pixels, float(probabilities.max())),
            is_empty=is_empty,
        )

    def _knows(self, pixels: Tensor, confidence: float) -> bool:
        if self.gate is None:
            return confidence >= LEAST_CONFIDENCE
        return self.gate.log_odds(pixels) >= LIMIT

    def input(self, pixels: Tensor) -> Tensor:
        """What the network is fed for uint8 (..., 28, 28): float32 (N, 1, S, S)."""
        return network_input(pixels, self.checkpoint)


def card_temperature(path: Path) -> float:
    """The temperature in the card beside weights; 1 where there is none."""
    value = read_json(path.with_suffix(".json")).get("temperature", 1.0)
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0
