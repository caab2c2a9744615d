"""What becomes of a shape on its way through the network, by the arithmetic that torch follows.

Layers are only read, and nothing is computed: a network that many threads share can be asked
at any time, and the answer comes in microseconds.
"""

from __future__ import annotations

from torch import nn

from nin.model.network import NiN, stage_name
from nin.model.window import Window

Shape = tuple[int, ...]  # (N, C, H, W), or (N, C) behind the Flatten


def window_of(layer: nn.Module, inputs: int) -> Window:
    """How `layer` moves over maps with `inputs` values a side; what flattens them, or pools all of them, sees all."""
    match layer:
        case nn.Conv2d():
            return Window(layer.kernel_size[0], layer.stride[0], layer.padding[0])
        case nn.MaxPool2d() | nn.AvgPool2d():
            return Window(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
        case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d() | nn.Flatten():
            return Window(inputs, inputs)
    return Window()


def output_shape(layer: nn.Module, shape: Shape) -> Shape:
    """What `layer` returns for an input of `shape`; ValueError where that is too small."""
    if isinstance(layer, nn.Flatten):
        return shape[0], shape[1] * shape[2] * shape[3]
    if len(shape) == 2:
        return shape[0], layer.out_features if isinstance(layer, nn.Linear) else shape[1]
    count, channels, *_, side = shape
    side = window_of(layer, side).outputs(side)
    return count, layer.out_channels if isinstance(layer, nn.Conv2d) else channels, side, side


def stage_shapes(model: NiN, input_size: int) -> list[Shape]:
    """Output shape of every top-level stage for one image of `input_size` pixels a side.

    Raises ValueError where the image is too small to leave a pixel after some stage.
    """
    shapes: list[Shape] = []
    shape: Shape = (1, 1, input_size, input_size)
    for index, stage in enumerate(model):
        for layer in stage if isinstance(stage, nn.Sequential) else [stage]:
            try:
                shape = output_shape(layer, shape)
            except ValueError as error:
                raise ValueError(
                    f"an input of {input_size} px leaves nothing after stage {index} ({stage_name(stage)}): "
                    f"choose a larger input size"
                ) from error
        shapes.append(shape)
    return shapes
