"""What a network costs: parameters, computation and memory, layer by layer.

Every figure is counted from the network's own layers, none from a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from nin.model.network import NiN, on_meta, parameter_count

BYTES = 4  # of one float32


@dataclass(frozen=True)
class LayerCost:
    """One layer, for one image."""

    index: str  # where it stands in the network: "0.2" is the third layer of the first stage
    kind: str  # "Conv2d", "ReLU", ...
    shape: tuple[int, ...]  # of its output, (1, C, H, W) or (1, C)
    parameters: int
    macs: int  # multiply-accumulates; the additions of biases, ReLUs and pooling are not counted
    activation_bytes: int  # of its output in float32
    receptive_field: int  # pixels a side of the input that one output value depends on
    stride: int  # pixels of the input between two neighbouring output values
    first_centre: float  # input coordinate of the first output value's centre; the border is at 0


@dataclass(frozen=True)
class NetworkCost:
    layers: tuple[LayerCost, ...]
    batch_size: int
    parameters: int
    input_size: int

    @property
    def forward_macs(self) -> int:
        """Of one image."""
        return sum(layer.macs for layer in self.layers)

    @property
    def training_bytes(self) -> int:
        """Weights, gradients, Adam's two moments, and every activation that the way back needs.

        A ReLU's output serves its successor too and is counted once, in its own right; the
        input is counted with them. What a framework needs beside that is not in it.
        """
        kept = sum(layer.activation_bytes for layer in self.layers if layer.kind not in ("Flatten", "Conv2d"))
        return 4 * self.parameters * BYTES + self.batch_size * (kept + self._input_bytes)

    @property
    def inference_bytes(self) -> int:
        """Weights, and the largest pair of a layer's input and output: no more is needed at once."""
        sizes = [self._input_bytes, *(layer.activation_bytes for layer in self.layers)]
        return self.parameters * BYTES + self.batch_size * max(a + b for a, b in pairwise(sizes))

    @property
    def _input_bytes(self) -> int:
        return self.input_size**2 * BYTES


def measure_cost(model: NiN, input_size: int, batch_size: int = 1) -> NetworkCost:
    """Count for images (1, `input_size`, `input_size`); ValueError where that is too small."""
    layers = []
    x = torch.empty(1, 1, input_size, input_size, device="meta")
    field, stride, centre = 1, 1, 0.5
    for index, layer in leaf_layers(model):
        try:
            y = on_meta(layer, x)
        except RuntimeError as error:
            raise ValueError(
                f"an input of {input_size} px leaves nothing at layer {index}: choose a larger one"
            ) from error
        kernel, step, padding = _window(layer, x)
        # Araujo, Norris, Sim: "Computing Receptive Fields of Convolutional Neural Networks"
        # (Distill, 2019), in centres instead of edges.
        field += (kernel - 1) * stride
        centre += ((kernel - 1) / 2 - padding) * stride
        stride *= step
        macs = math.prod(y.shape) * math.prod(layer.weight.shape[1:]) if isinstance(layer, nn.Conv2d) else 0
        layers.append(
            LayerCost(
                index,
                type(layer).__name__,
                tuple(y.shape),
                parameter_count(layer),
                macs,
                math.prod(y.shape) * BYTES,
                field,
                stride,
                centre,
            )
        )
        x = y
    return NetworkCost(tuple(layers), batch_size, parameter_count(model), input_size)


def leaf_layers(model: NiN) -> Iterator[tuple[str, nn.Module]]:
    """Every layer that computes something, in order, with its dotted index."""
    for index, module in model.named_modules():
        if not list(module.children()):
            yield index, module


def _window(layer: nn.Module, x: torch.Tensor) -> tuple[int, int, float]:
    """Kernel size, stride and padding of a layer as seen along one side."""
    match layer:
        case nn.Conv2d():
            return layer.kernel_size[0], layer.stride[0], layer.padding[0]
        case nn.MaxPool2d() | nn.AvgPool2d():
            return layer.kernel_size, layer.stride, layer.padding
        case nn.AdaptiveAvgPool2d():
            return x.shape[-1], x.shape[-1], 0
    return 1, 1, 0
