"""Augmentation of whole batches, at 28x28 and before any resizing, on the data's own device.

Each function takes floats (N, 1, 28, 28) in [0, 1], bright on black, and a generator on the
same device; it returns a batch of the same shape. A batch costs a handful of tensor
operations whatever its size, which is why there are no loader workers in this program.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.data.sketch import sketch

MAX_SHIFT = 2  # pixels; garments fill the frame, so more would cut them off

Augmentation = Callable[[Tensor, torch.Generator], Tensor]


def flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image left to right with probability one half."""
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) < 0.5
    return torch.where(mirrored, images.flip(-1), images)


def shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """Move each image by up to MAX_SHIFT pixels each way; black comes in at the border."""
    n, _, height, width = images.shape
    device = images.device
    offsets = torch.randint(0, 2 * MAX_SHIFT + 1, (2, n, 1), generator=generator, device=device)
    padded = F.pad(images, (MAX_SHIFT,) * 4)
    rows = (torch.arange(height, device=device) + offsets[0]).view(n, height, 1)
    columns = (torch.arange(width, device=device) + offsets[1]).view(n, 1, width)
    which = torch.arange(n, device=device).view(n, 1, 1)
    return padded[which, 0, rows, columns].unsqueeze(1)


def flip_shift(images: Tensor, generator: torch.Generator) -> Tensor:
    return shift(flip(images, generator), generator)


def flip_sketch(images: Tensor, generator: torch.Generator) -> Tensor:
    return sketch(flip(images, generator), generator)


def nothing(images: Tensor, generator: torch.Generator) -> Tensor:
    return images


AUGMENTATIONS: dict[str, Augmentation] = {
    "none": nothing,
    "flip": flip,
    "flip-shift": flip_shift,
    "flip-sketch": flip_sketch,
}
