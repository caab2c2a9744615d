"""What becomes of a shape on its way through the network, by the arithmetic that torch follows.

Layers are only read, and nothing is computed: a network that many threads share can be asked
at any time, and the answer comes in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from nin.model.network import NiN, stage_name

Shape = tuple[int, ...]  # (N, C, H, W), or (N, C) behind the Flatten


@dataclass(frozen=True)
class Window:
    """What a layer looks at for one value of its output, along one side of its square input."""

    size: int = 1
    stride: int = 1
    padding: int = 0
    ceil_mode: bool = False  # a last window that overhangs the border counts

    def outputs(self, inputs: int) -> int:
        """How many values come out where `inputs` go in; ValueError where no window fits."""
        room = inputs + 2 * self.padding - self.size
        count = (room + (self.stride - 1 if self.ceil_mode else 0)) // self.stride + 1
        if self.ceil_mode and (count - 1) * self.stride >= inputs + self.padding:
            count -= 1  # a window that begins behind the border has nothing to look at
        if count < 1:
            raise ValueError(f"a window of {self.size} does not fit into {inputs} values")
        return count

    def inputs_of(self, output: int, inputs: int) -> tuple[int, int]:
        """First of `inputs` values that `output` is made of, and the one after the last; padding is none of them."""
        start = output * self.stride - self.padding
        return max(0, start), min(inputs, start + self.size)


def window_of(layer: nn.Module, inputs: int) -> Window:
    """How `layer` moves over maps with `inputs` values a side."""
    match layer:
        case nn.Conv2d():
            return Window(layer.kernel_size[0], layer.stride[0], layer.padding[0])
        case nn.MaxPool2d() | nn.AvgPool2d():
            return Window(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
        case nn.AdaptiveAvgPool2d():
            return Window(inputs, inputs)
    return Window()


def output_shape(layer: nn.Module, shape: Shape) -> Shape:
    """What `layer` returns for an input of `shape`; ValueError where that is too small."""
    if isinstance(layer, nn.Flatten):
        return shape[0], shape[1] * shape[2] * shape[3]
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
