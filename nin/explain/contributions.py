"""What every number of one map is made of: the few terms that weigh most, and what all others come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nin.explain.activations import Features
from nin.model.network import NiN

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Contributions:
    """The largest terms of the sum behind each number of a convolution's output channel.

    A term is what one input channel adds; where the layer has a single input channel, what one
    square of the kernel adds.
    """

    terms: Array  # int64 (T, H, W), the largest first: number of the input channel, or of the square, row by row
    products: Array  # float64 (T, H, W): what each of them adds
    bias: float
    sums: Array  # float32 (H, W): what the network itself gives, before any ReLU
    count: int  # terms that there are in all
    side: int | None  # squares a side of the kernel where the terms are its squares


def contributions(features: Features, model: NiN, index: str, channel: int, *, most: int = 4) -> Contributions:
    """Take output `channel` of the convolution `index` apart at all positions at once."""
    layer: nn.Conv2d = model.get_submodule(index)
    products = _products(features.entering(index).double(), layer, channel)
    largest = products.abs().topk(min(most, len(products)), dim=0).indices
    return Contributions(
        largest.numpy(),
        products.gather(0, largest).numpy(),
        float(layer.bias[channel].detach()),
        features[index][0, channel].numpy(),
        len(products),
        layer.kernel_size[0] if layer.in_channels == 1 else None,
    )


@torch.inference_mode()
def _products(entering: Tensor, layer: nn.Conv2d, channel: int) -> Tensor:
    """What each term adds at each position: (1, C_in, H_in, W_in) -> float64 (terms, H, W)."""
    kernel = layer.weight[channel].double()  # (C_in, k, k)
    if layer.in_channels > 1:
        return F.conv2d(entering, kernel[:, None], None, layer.stride, layer.padding, groups=layer.in_channels)[0]
    squares = torch.eye(kernel.numel(), dtype=kernel.dtype).view(-1, *kernel.shape)  # one kernel for each square
    return F.conv2d(entering, squares * kernel, None, layer.stride, layer.padding)[0]


def largest_positions(entering: Tensor, layer: nn.MaxPool2d) -> Array:
    """Where in the map that it was given a max-pooling layer found each number: (1, C, H_in, W_in) -> (C, H, W)."""
    size, stride, padding = layer.kernel_size, layer.stride, layer.padding
    _, positions = F.max_pool2d(entering, size, stride, padding, ceil_mode=layer.ceil_mode, return_indices=True)
    return positions[0].numpy()
