"""Any picture -> what the network sees -> ranked classes.

The command line and the pages use this one way, so they give the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from nin.classify.calibration import Calibration, Pair, card_calibration, card_temperature, pair_of
from nin.classify.clothing_detector import LEAST_CONFIDENCE, LIMIT, Gate, as_probability, find_gate
from nin.classify.preprocess import preprocess, see
from nin.classify.turn import quarters_to_upright, turned
from nin.data.fashion_mnist import CLASS_NAMES
from nin.model.network import NiN, check_logits
from nin.storage.checkpoint import Checkpoint, load_checkpoint, network_input
from nin.storage.weights import find_weights

__all__ = ["MIXED_UP", "Answer", "Classifier", "card_temperature", "see"]

# The pairs of tops that are mixed up most. Of the test images of one, so many are taken for the other, in the worse
# direction: pocket-sketch 4.0 to 11.2 % and pocket 3.3 to 9.7 % (of 10,000), classic-112 2.8 to 8.6 % (of the first 2,000).
MIXED_UP: frozenset[Pair] = frozenset({(0, 6), (2, 4), (2, 6), (4, 6)})
RUNNER_UP = 0.1  # how probable the second must be to be named beside the first


EVEN = 0.01  # probabilities no further apart than this are those of a network that has learnt nothing


@dataclass(frozen=True)
class Answer:
    """What a network makes of one 28x28 image."""

    probabilities: tuple[float, ...]  # ten, in Fashion-MNIST's order
    logits: tuple[float, ...] = field(repr=False)
    known: bool = True  # False: it looks like none of the ten; the label is then a mere best guess
    is_empty: bool = False  # there was nothing to look at
    clothing: float | None = None  # how likely it is to be clothes, by the detector; None where none was asked
    temperature: float = 1.0  # what the logits were divided by
    shared: tuple[Pair, float] | None = None  # the two in front that are mixed up on drawings, and their temperature
    ruin: str | None = None  # what is known to be wrong with the weights, as in `nin.training.diagnosis.Diagnosis.now`
    turned: int = 0  # by how many degrees, counter-clockwise, the picture was turned first

    @property
    def is_guess(self) -> bool:
        """Whether all ten classes have the same probability: no answer at all."""
        return max(self.probabilities) - min(self.probabilities) < EVEN

    @property
    def is_none(self) -> bool:
        """Whether the weights have no answer to give, whatever the picture: they guess, or are ruined."""
        return not self.is_empty and (self.is_guess or self.ruin is not None)

    @property
    def class_id(self) -> int:
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def label(self) -> str:
        return CLASS_NAMES[self.class_id]

    @property
    def confidence(self) -> float:
        return self.probabilities[self.class_id]

    @property
    def runner_up(self) -> int | None:
        """The second class, where it is likely and the two are often mixed up."""
        order = sorted(range(len(self.probabilities)), key=self.probabilities.__getitem__, reverse=True)
        pair = pair_of(*order[:2])
        often = pair in MIXED_UP or (self.shared is not None and self.shared[0] == pair)
        return order[1] if self.known and often and self.probabilities[order[1]] >= RUNNER_UP else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `python -m nin classify --json` prints it; where nothing was found there is no class."""
        if self.is_empty:
            return {"empty": True}
        return {
            "label": self.label,
            "class_id": self.class_id,
            "confidence": self.confidence,
            "known": self.known,
            "guess": self.is_guess,
            "probabilities": list(self.probabilities),
            **({} if self.ruin is None else {"ruin": self.ruin}),
            **({"turned": self.turned} if self.turned else {}),
        }


class Classifier:
    """A network with what belongs to its answers; computes in float32 on the CPU."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        network: NiN,
        *,
        calibration: Calibration | None = None,
        gate: Gate | None = None,
        ruin: str | None = None,
    ) -> None:
        """`calibration` makes probabilities of the logits, by default softmax alone; `gate` says what is none of the ten.

        With a `ruin` (as in Answer) no answer is known.
        """
        self.checkpoint, self.network = checkpoint, network
        self.calibration, self.gate, self.ruin = calibration or Calibration(), gate, ruin

    @property
    def temperature(self) -> float:
        """Of photos."""
        return self.calibration.temperature

    @classmethod
    def from_weights(cls, which: str | Path) -> Classifier:
        """`which` is a name on the shelf, a file or a run directory; WeightsError if there is none."""
        return cls.from_file(find_weights(which))

    @classmethod
    def from_file(cls, path: Path, *, ruin: str | None = None) -> Classifier:
        """With the calibration of the card beside the file, and the gate that serves it; WeightsError if it is no good."""
        checkpoint = load_checkpoint(path)
        calibration, gate = card_calibration(path), find_gate(path)
        return cls(checkpoint, checkpoint.network(), calibration=calibration, gate=gate, ruin=ruin)

    def classify_picture(self, picture: Image.Image, *, turn: bool = True) -> Answer:
        """The answer for a picture of any size, RGBA as `open_picture` returns it.

        With `turn` one that lies on its side or upside down is turned first.
        """
        quarters = quarters_to_upright(picture) if turn else 0
        seen = preprocess(turned(picture, quarters))
        answer = self.classify(seen.pixels, scattered=seen.is_scattered, is_drawing=seen.is_drawing)
        return replace(answer, turned=quarters * 90)

    def classify(self, pixels: Tensor, *, scattered: bool = False, is_drawing: bool = False) -> Answer:
        """The answer for uint8 (28, 28), bright on black; `scattered` pictures are none of the ten.

        Raises WeightsError where the weights give no numbers.
        """
        calibration = self.calibration
        with torch.inference_mode():
            logits = self.network(self.input(pixels))[0].double()
            check_logits(logits)
            probabilities = calibration.probabilities(logits, is_drawing=is_drawing)
        pair = calibration.leading_pair(logits, is_drawing=is_drawing)
        is_empty = not bool(pixels.any())
        log_odds = None if is_empty or self.gate is None else float(self.gate.log_odds(pixels[None]))
        is_clothing = float(probabilities.max()) >= LEAST_CONFIDENCE if log_odds is None else log_odds >= LIMIT
        is_guess = float(probabilities.max() - probabilities.min()) < EVEN
        return Answer(
            tuple(probabilities.tolist()),
            tuple(logits.tolist()),
            known=not (is_empty or scattered or is_guess or self.ruin is not None) and is_clothing,
            is_empty=is_empty,
            clothing=None if log_odds is None else as_probability(log_odds),
            temperature=calibration.temperature_for(is_drawing=is_drawing),
            shared=None if pair is None else (pair, calibration.pairs[pair]),
            ruin=self.ruin,
        )

    def input(self, pixels: Tensor) -> Tensor:
        """What the network is fed for uint8 (..., 28, 28): float32 (N, 1, S, S)."""
        return network_input(pixels, self.checkpoint)
