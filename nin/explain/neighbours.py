"""The training images that a network finds most like a picture, by its own features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.data.dataset import Split
from nin.engine.device import Engine
from nin.model.network import NiN, weighted_layers
from nin.storage.checkpoint import Checkpoint, network_input

IMAGES = 10_000  # compared with, where the network is small
PIXELS = IMAGES * 28 * 28  # that are fed to a network to prepare the comparison, unless that leaves too few images


def features(network: NiN, batch: Tensor) -> Tensor:
    """(N, 1, S, S) as the network is fed -> (N, C): what goes into the last convolution, averaged over the picture.

    The last convolution is all that stands between these C numbers at each place and the ten
    class maps: pictures that are alike here are alike to the network. In a dense head it is the
    last layer that they are given to, and there is nothing to average.
    """
    last = weighted_layers(network)[-1]
    x = batch
    with torch.inference_mode():
        for layer in network.layers().values():
            if layer is last:
                break
            x = layer(x)
    return x.float().mean(dim=(2, 3)) if x.dim() == 4 else x.float()


class Neighbour(NamedTuple):
    index: int  # of the training image
    similarity: float  # cosine, 1 for the same direction


@dataclass(frozen=True)
class Neighbours:
    """Features of some training images, ready to be compared with."""

    directions: Tensor  # float32 (N, C), of length one
    mean: Tensor  # (C,), subtracted before directions are compared

    def nearest(self, vector: Tensor, count: int) -> list[Neighbour]:
        """The `count` most similar training images to features (C,), the most similar first."""
        similarity = self.directions @ F.normalize(vector - self.mean, dim=0)
        values, indices = similarity.topk(min(count, len(similarity)))
        return [Neighbour(int(i), float(v)) for i, v in zip(indices, values, strict=True)]


def count_compared(checkpoint: Checkpoint) -> int:
    """How many training images are compared with: 10,000 at 28 px, fewer where the network is fed larger ones."""
    return max(500, min(IMAGES, PIXELS // checkpoint.architecture.input_size**2))


def find_neighbours(
    checkpoint: Checkpoint, network: NiN, split: Split, engine: Engine
) -> Iterator[tuple[int, Neighbours]]:
    """Yields how many of the first images of `split` have been looked at, and those ready to be compared with."""
    images = split.images[: count_compared(checkpoint)]
    found: list[Tensor] = []
    for part in engine.parts(len(images), checkpoint.architecture):
        found.append(features(network, network_input(images[part], checkpoint)))
        vectors = torch.cat(found)
        mean = vectors.mean(dim=0)
        yield len(vectors), Neighbours(F.normalize(vectors - mean, dim=1), mean)
