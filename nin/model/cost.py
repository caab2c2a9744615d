"""What a network costs: parameters, computation and values, layer by layer, with the arithmetic written out.

Every figure is counted from the network's own layers, none from a table. What memory follows from
them is in `nin.model.memory`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nin.errors import SettingsError
from nin.model.architecture import Architecture
from nin.model.network import NiN, parameter_count
from nin.model.receptive_field import ReceptiveField
from nin.model.shapes import Shape, output_shape, window_of

BYTES = 4  # of one float32
KINDS = ("spatial", "pointwise", "dense")  # of layers with weights, as LayerCost.weight_kind says


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
    weight: tuple[int, ...] = ()  # its weights' shape: (out, in, k, k) or (out, in); empty where it has none
    bias: int = 0  # numbers

    @property
    def weight_kind(self) -> str | None:
        """One of KINDS: a convolution that looks around, a 1×1, or a dense layer; None without weights."""
        if not self.weight:
            return None
        if len(self.weight) == 2:
            return "dense"
        return "pointwise" if self.weight[2:] == (1, 1) else "spatial"

    @property
    def parameter_formula(self) -> str:
        """E.g. "96 × 1 × 11 × 11 + 96 = 11,712": out × in kernels of k × k numbers, and a bias each; "" without weights."""
        bias = f" + {self.bias:,}" if self.bias else ""
        return f"{_times(self.weight)}{bias} = {self.parameters:,}" if self.weight else ""

    @property
    def macs_formula(self) -> str:
        """E.g. "96 × 54 × 54 × 1 × 11 × 11 = 33,872,256": values that come out × what each is a sum of; "" without weights."""
        factors = (*self.shape[1:], *self.weight[1:])
        return f"{_times(factors)} = {self.macs:,}" if self.weight else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `python -m nin cost --json` prints it."""
        field = self.receptive_field
        plain = {"receptive_field": field.size, "stride": field.stride, "first_centre": field.first_centre}
        return {**vars(self), **plain}


def _times(factors: tuple[int, ...]) -> str:
    return " × ".join(f"{factor:,}" for factor in factors)


@dataclass(frozen=True)
class NetworkCost:
    layers: tuple[LayerCost, ...]
    parameters: int
    input_size: int

    @property
    def forward_macs(self) -> int:
        """Of one image."""
        return sum(layer.macs for layer in self.layers)

    @property
    def activation_bytes(self) -> int:
        """Of all layers' outputs for one image, in float32."""
        return sum(layer.activation_bytes for layer in self.layers)

    def parameters_of(self, kind: str) -> int:
        """In layers of one of KINDS."""
        return sum(layer.parameters for layer in self.layers if layer.weight_kind == kind)

    def macs_of(self, kind: str) -> int:
        """In layers of one of KINDS, for one image."""
        return sum(layer.macs for layer in self.layers if layer.weight_kind == kind)


def measure_cost(model: nn.Sequential, input_size: int) -> NetworkCost:
    """Count for images (1, `input_size`, `input_size`); ValueError where that is too small.

    `model` may be any chain of layers, also one that ends in dense layers.
    """
    layers = []
    shape: Shape = (1, 1, input_size, input_size)
    field = ReceptiveField.of_pixels(input_size)
    for index, layer in model.named_modules():
        if list(layer.children()):
            continue
        try:
            shape, window = output_shape(layer, shape), window_of(layer, len(field.windows))
        except ValueError as error:
            raise ValueError(
                f"an input of {input_size} px leaves nothing at layer {index}: choose a larger one"
            ) from error
        field = field.through(window)
        weight, bias = _weights(layer)
        layers.append(
            LayerCost(
                index,
                type(layer).__name__,
                shape,
                parameter_count(layer),
                math.prod(shape) * math.prod(weight[1:]) if weight else 0,
                math.prod(shape) * BYTES,
                field,
                weight,
                bias,
            )
        )
    return NetworkCost(tuple(layers), parameter_count(model), input_size)


def cost_of(architecture: Architecture) -> NetworkCost:
    """Of a network that nobody has built, fed its input size; SettingsError where that is too small for it."""
    return measure_cost(unbuilt(architecture), architecture.input_size)


def unbuilt(architecture: Architecture) -> NiN:
    """The network without values: nothing is allocated, nothing drawn. SettingsError where its input is too small."""
    try:
        with torch.device("meta"):
            model = NiN(architecture)
        measure_cost(model, architecture.input_size)
    except ValueError as error:
        raise SettingsError(
            "an input of {size} px is too small for this network: choose a larger one", size=architecture.input_size
        ) from error
    return model


def _weights(layer: nn.Module) -> tuple[tuple[int, ...], int]:
    """The shape of its weights and the number of its biases."""
    if not isinstance(layer, nn.Conv2d | nn.Linear):
        return (), 0
    return tuple(layer.weight.shape), 0 if layer.bias is None else layer.bias.numel()
