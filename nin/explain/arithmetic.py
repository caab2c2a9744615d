"""One number of the network, followed with pencil and paper.

A convolution at one position is a patch of its input times a kernel, summed. A 1×1
convolution at one position is a fully connected layer on that position's channels; the
chapter's idea, and checked here against `nn.Linear` with the same weights.
"""

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
class Window:
    """What one output value of a layer is made of."""

    patch: Array  # float32 (C_in, k, k): the input under the window, 0 where it overhangs the border
    padded: Array  # bool (k, k): where it overhangs
    kernel: Array  # float32 (C_in, k, k)
    bias: float
    answer: float  # the network's own number

    @property
    def products(self) -> Array:
        """float64 (C_in, k, k)."""
        return self.patch.astype(np.float64) * self.kernel.astype(np.float64)

    @property
    def total(self) -> float:
        """All products and the bias, summed in double precision."""
        return float(self.products.sum() + self.bias)


def convolution_window(features: Features, model: NiN, index: str, output: tuple[int, int, int]) -> Window:
    """How the convolution `index` gets its output at (channel, row, column)."""
    channel, row, column = output
    layer: nn.Conv2d = model.get_submodule(index)
    k, stride, padding = layer.kernel_size[0], layer.stride[0], layer.padding[0]
    entering = features.entering(index)[0]
    rows, columns = (slice(position * stride, position * stride + k) for position in (row, column))
    padded = F.pad(torch.zeros(entering.shape[-2:]), (padding,) * 4, value=1.0)[rows, columns]
    return Window(
        F.pad(entering, (padding,) * 4)[:, rows, columns].numpy(),
        padded.bool().numpy(),
        layer.weight[channel].detach().numpy(),
        float(layer.bias[channel].detach()),
        float(features[index][0, channel, row, column]),
    )


@dataclass(frozen=True)
class Pooled:
    """What a pooling layer makes of one window of one channel."""

    window: Array  # float32 (h, w), what lies inside the map
    top: int  # row and column of the window's first value in the map
    left: int
    mode: str  # "max" or "mean"
    answer: float  # the network's own number


def pooling_window(features: Features, model: NiN, index: str, output: tuple[int, int, int]) -> Pooled:
    """The window behind the output at (channel, row, column) of the pooling layer `index`."""
    channel, row, column = output
    layer = model.get_submodule(index)
    entering = features.entering(index)[0, channel]
    answer = float(features[index][0, channel, row, column])
    if isinstance(layer, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return Pooled(entering.numpy(), 0, 0, "mean" if isinstance(layer, nn.AdaptiveAvgPool2d) else "max", answer)
    top, left = row * layer.stride, column * layer.stride
    window = entering[top : top + layer.kernel_size, left : left + layer.kernel_size]
    return Pooled(window.numpy(), top, left, "max" if isinstance(layer, nn.MaxPool2d) else "mean", answer)


@dataclass(frozen=True)
class Dense:
    """A 1×1 convolution at one pixel, beside a fully connected layer with the same weights."""

    index: str
    weight: Array  # float32 (C_out, C_in)
    bias: Array  # float32 (C_out,)
    entering: Array  # float32 (C_in,): the pixel's channels
    convolution: Array  # float32 (C_out,): what the network's 1×1 convolution gave there
    linear: Array  # float32 (C_out,): what nn.Linear gives for the same vector
    leaving: Array  # float32 (C_out,): what goes on, behind the ReLU where there is one
    has_relu: bool
    largest_difference_anywhere: float  # between the two, over all pixels of the map and all channels

    @property
    def largest_difference(self) -> float:
        """Between the two at this pixel."""
        return float(np.abs(self.convolution - self.linear).max())


def as_linear(layer: nn.Conv2d) -> nn.Linear:
    """The fully connected layer that carries a 1×1 convolution's own weights."""
    # Nothing is drawn at random just to be overwritten.
    linear = nn.utils.skip_init(nn.Linear, layer.in_channels, layer.out_channels)
    with torch.no_grad():
        linear.weight.copy_(layer.weight[:, :, 0, 0])
        linear.bias.copy_(layer.bias)
    return linear


@torch.inference_mode()
def per_pixel_mlp(features: Features, model: NiN, block: str, row: int, column: int) -> list[Dense]:
    """The 1×1 convolutions of the block `block` at one pixel of its maps, in order."""
    layers = [f"{block}.{name}" for name, _ in model.get_submodule(block).named_children()]
    steps = []
    for position, index in enumerate(layers):
        layer = model.get_submodule(index)
        if position == 0 or not isinstance(layer, nn.Conv2d):
            continue
        has_relu = position + 1 < len(layers)
        entering, leaving = features.entering(index), features[layers[position + 1] if has_relu else index]
        linear = as_linear(layer)
        # A fully connected layer works on the last dimension: channels go there, pixels become the batch.
        everywhere = linear(entering.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        steps.append(
            Dense(
                index,
                layer.weight[:, :, 0, 0].numpy(),
                layer.bias.numpy(),
                at(entering, row, column),
                at(features[index], row, column),
                at(everywhere, row, column),
                at(leaving, row, column),
                has_relu,
                float((everywhere - features[index]).abs().max()),
            )
        )
    return steps


def at(maps: Tensor, row: int, column: int) -> Array:
    """The channels of one pixel: (1, C, H, W) -> float32 (C,)."""
    return maps[0, :, row, column].numpy()
