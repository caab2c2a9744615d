"""Is it clothes at all? A network that knows ten classes has an eleventh answer: none of them.

Softmax gives every picture to somebody: a face becomes a bag with 99 %. So a second, tiny
network looks at what the first one's blocks made of the picture and says how likely it is to
be clothes. It was fitted (`nin.calibration`) on photos and drawings of clothes against
drawings of other things, and travels in the card of the weights whose features it reads.
Other weights borrow the eyes of shipped ones.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nin.atomic import read_json
from nin.checkpoint import Checkpoint, load_checkpoint, prepare
from nin.model import NiN
from nin.weights import SHELF

CARD_KEY = "known"
LENT_BY = "pocket-sketch"  # the weights whose detector serves those that have none of their own
LIMIT = -1.0  # log odds of being clothes, below which the answer is "none of the ten"
LEAST_CONFIDENCE = 0.35  # where no detector is to be had


def summary(network: NiN, batch: Tensor) -> Tensor:
    """What the blocks make of images, (N, 1, S, S) as the network is fed -> (N, F).

    The mean of every channel of every block; of the last hidden layer also the maximum; the
    logits, and the log of the sum of their exponentials.
    """
    *stages, last_block, _average, _flatten = network
    *hidden, classify = last_block if isinstance(last_block[-1], nn.Conv2d) else last_block[:-1]
    parts = []
    with torch.inference_mode():
        x = batch
        for stage in stages:
            x = stage(x)
            if isinstance(stage, nn.Sequential):
                parts.append(x.mean((2, 3)))
        for layer in hidden:
            x = layer(x)
        logits = classify(x).mean((2, 3))
        parts += [x.mean((2, 3)), x.amax((2, 3)), logits, logits.logsumexp(1, keepdim=True)]
    return torch.cat(parts, dim=1).float()


@dataclass(frozen=True)
class Detector:
    """One hidden layer on a summary; the four tensors are its weights, standardisation folded in."""

    hidden_weight: Tensor  # (H, F)
    hidden_bias: Tensor  # (H,)
    weight: Tensor  # (H,)
    bias: Tensor  # ()

    def log_odds(self, summaries: Tensor) -> Tensor:
        """(N, F) -> (N,): positive for clothes."""
        return (summaries @ self.hidden_weight.T + self.hidden_bias).relu() @ self.weight + self.bias

    def to_card(self) -> dict[str, Any]:
        tensors = (self.hidden_weight, self.hidden_bias, self.weight, self.bias)
        flat = torch.cat([tensor.flatten() for tensor in tensors]).half().numpy()
        return {"features": self.hidden_weight.shape[1], "hidden": len(self.weight), "limit": LIMIT,
                "float16": b64encode(flat.tobytes()).decode()}  # fmt: skip

    @classmethod
    def from_card(cls, values: dict[str, Any]) -> Detector:
        """Raises ValueError or KeyError for a damaged card."""
        features, hidden = values["features"], values["hidden"]
        flat = torch.from_numpy(np.frombuffer(b64decode(values["float16"]), dtype=np.float16).astype(np.float32))
        weight, bias, out, out_bias = flat.split([hidden * features, hidden, hidden, 1])
        return cls(weight.view(hidden, features), bias, out, out_bias[0])


@dataclass(frozen=True)
class Gate:
    """A detector with the network whose features it reads."""

    checkpoint: Checkpoint
    network: NiN
    detector: Detector

    def log_odds(self, pixels: Tensor) -> float:
        """How likely uint8 (28, 28) is to be clothes, as log odds."""
        images = pixels[None, None].float() / 255
        batch = prepare(images, self.checkpoint.architecture, normalise=self.checkpoint.normalise)
        return float(self.detector.log_odds(summary(self.network, batch)))


def find_gate(weights: Path | None = None) -> Gate | None:
    """The gate of the weights in a file: their own, else the one that shipped weights lend, else none."""
    lender = SHELF / f"{LENT_BY}.safetensors"
    for path in (weights, lender) if weights is not None else (lender,):
        card = read_json(path.with_suffix(".json"))
        if CARD_KEY in card and path.is_file():
            try:
                detector = Detector.from_card(card[CARD_KEY])
            except (KeyError, ValueError, RuntimeError, TypeError):
                continue  # a damaged card costs the detector, not the answer
            checkpoint = load_checkpoint(path)
            return Gate(checkpoint, checkpoint.network(), detector)
    return None
