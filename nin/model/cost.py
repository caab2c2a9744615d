"""What a network costs: parameters, computation and memory, layer by layer.

Every figure is counted from the network's own layers, none from a table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from torch import nn

from nin.model.network import NiN, parameter_count
from nin.model.receptive_field import ReceptiveField
from nin.model.shapes import Shape, output_shape, window_of

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
    receptive_field: ReceptiveField  # which pixels of the input its values depend on

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `python -m nin cost --json` prints it."""
        field = self.receptive_field
        plain = {"receptive_field": field.size, "stride": field.stride, "first_centre": field.first_centre}
        return {**vars(self), **plain}


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
        kept = sum(layer.activation_bytes for layer in self.layers if layer.kind not in ("Flatten", "Conv2d", "Linear"))
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
    shape: Shape = (1, 1, input_size, input_size)
    field = ReceptiveField.of_pixels(input_size)
    for index, layer in model.layers().items():
        try:
            shape, window = output_shape(layer, shape), window_of(layer, len(field.windows))
        except ValueError as error:
            raise ValueError(
                f"an input of {input_size} px leaves nothing at layer {index}: choose a larger one"
            ) from error
        field = field.through(window)
        weighted = isinstance(layer, nn.Conv2d | nn.Linear)
        macs = math.prod(shape) * math.prod(layer.weight.shape[1:]) if weighted else 0
        parameters, activation_bytes = parameter_count(layer), math.prod(shape) * BYTES
        layers.append(LayerCost(index, type(layer).__name__, shape, parameters, macs, activation_bytes, field))
    return NetworkCost(tuple(layers), batch_size, parameter_count(model), input_size)
