"""Is it clothes at all? A network that knows ten classes has an eleventh answer: none of them.

Softmax gives every picture to somebody: a face becomes a bag with 99 %. So a second, tiny
network looks at what the first one's blocks made of the picture and says how likely it is to
be clothes. It was fitted (`drawings.calibrate`) on photos and drawings of clothes against
drawings of other things, and lies in a folder beside the weights whose features it reads.
Other weights borrow the eyes of shipped ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from nin.errors import WeightsError
from nin.model.network import NiN, convolutions
from nin.storage.checkpoint import Checkpoint, load_checkpoint, prepare
from nin.storage.files import write_bytes
from nin.storage.weights import SHELF, detector_path

LENT_BY = "pocket-sketch"  # the weights whose detector serves those that have none of their own
LIMIT = -0.75  # log odds of being clothes, below which the answer is "none of the ten"
LEAST_CONFIDENCE = 0.35  # where no detector is to be had


def as_probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def summary(network: NiN, batch: Tensor) -> Tensor:
    """What the blocks make of images, (N, 1, S, S) as the network is fed -> (N, F).

    Of every channel of every block its mean, maximum and deviation over the pixels; of every
    layer of the last block mean and maximum; the log of the sum of the logits' exponentials.
    """
    blocks, last_block, last_convolution = network.blocks, network.last_block, convolutions(network)[-1]
    parts = []
    with torch.inference_mode():
        x = batch
        for index, stage in network.named_children():
            if stage is last_block:
                break
            x = stage(x)
            if index in blocks:
                parts += [x.mean((2, 3)), x.amax((2, 3)), x.std((2, 3), correction=0)]
        for layer in last_block:
            x = layer(x)
            parts += [x.mean((2, 3)), x.amax((2, 3))]
            if layer is last_convolution:
                break  # the logits are what a last ReLU would be given
        parts.append(x.mean((2, 3)).logsumexp(1, keepdim=True))
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

    def save(self, path: Path) -> None:
        tensors = {field.name: getattr(self, field.name).contiguous() for field in fields(self)}
        write_bytes(path, save(tensors))

    @classmethod
    def load(cls, path: Path) -> Detector:
        """WeightsError for a file that is damaged or holds something else."""
        try:
            return cls(**load_file(path))
        except (SafetensorError, OSError, TypeError) as error:
            raise WeightsError("{path} is damaged or no detector ({error})", path=path, error=error) from error


@dataclass(frozen=True)
class Gate:
    """A detector with the network whose features it reads."""

    checkpoint: Checkpoint
    network: NiN
    detector: Detector

    def log_odds(self, pixels: Tensor) -> Tensor:
        """How likely uint8 (N, 28, 28) are to be clothes, (N,) as log odds."""
        images = pixels[:, None].float() / 255
        batch = prepare(images, self.checkpoint.architecture, normalise=self.checkpoint.normalise)
        return self.detector.log_odds(summary(self.network, batch))


def find_gate(weights: Path | None = None) -> Gate | None:
    """The gate of the weights in a file: their own, else the one that shipped weights lend, else none."""
    lender = SHELF / f"{LENT_BY}.safetensors"
    for path in (weights, lender) if weights is not None else (lender,):
        if detector_path(path).is_file() and path.is_file():
            try:
                checkpoint = load_checkpoint(path)
                return Gate(checkpoint, checkpoint.network(), Detector.load(detector_path(path)))
            except WeightsError:
                continue  # damage costs the detector, not the answer
    return None
