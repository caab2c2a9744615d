"""A network as source text, in the chapter's style: what each stage is, and the shape behind it."""

from __future__ import annotations

from torch import nn

from nin.model.architecture import Architecture
from nin.model.network import NiN, convolutions
from nin.model.shapes import stage_shapes

BLOCK = '''def nin_block(in_channels, channels, kernel_size, stride=1, padding=0, last_relu=True):
    """A convolution that looks around, then 1x1 convolutions that mix channels; a ReLU behind each."""
    layers = [nn.Conv2d(in_channels, channels[0], kernel_size, stride, padding), nn.ReLU()]
    for width_in, width_out in zip(channels, channels[1:]):
        layers += [nn.Conv2d(width_in, width_out, kernel_size=1), nn.ReLU()]
    return nn.Sequential(*(layers if last_relu else layers[:-1]))
'''


def network_source(architecture: Architecture) -> str:
    """The functions nin_block and build_network; the latter uses the constant DROPOUT where something is dropped."""
    model = NiN(architecture)
    lines = []
    for stage, shape in zip(model, stage_shapes(model, architecture.input_size), strict=True):
        lines.append(f"        {stage_source(stage)},  # (N, {', '.join(map(str, shape[1:]))})")
    body = "\n".join(lines)
    size = architecture.input_size
    about = (
        f'"""(N, 1, {size}, {size}) -> logits (N, {shape[-1]}); behind each stage the shape that comes out of it."""'
    )
    return f"{BLOCK}\n\ndef build_network():\n    {about}\n    return nn.Sequential(\n{body}\n    )\n"


def dropout_of(architecture: Architecture) -> float | None:
    """The probability of all dropout stages of a network, which is one and the same; None where there are none."""
    found = {stage.p for stage in NiN(architecture) if isinstance(stage, nn.Dropout)}
    return found.pop() if found else None


def stage_source(stage: nn.Module) -> str:
    match stage:
        case nn.Sequential():
            first, channels = stage[0], tuple(layer.out_channels for layer in convolutions(stage))
            options = {"stride": (first.stride[0], 1), "padding": (first.padding[0], 0)}
            given = [f"{first.in_channels}, {channels}", f"kernel_size={first.kernel_size[0]}"]
            given += [f"{name}={value}" for name, (value, usual) in options.items() if value != usual]
            given += [] if isinstance(stage[-1], nn.ReLU) else ["last_relu=False"]
            return f"nin_block({', '.join(given)})"
        case nn.MaxPool2d() | nn.AvgPool2d():
            ceil = ", ceil_mode=True" if stage.ceil_mode else ""
            return f"nn.{type(stage).__name__}(kernel_size={stage.kernel_size}, stride={stage.stride}{ceil})"
        case nn.Dropout():
            return "nn.Dropout(DROPOUT)"
        case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
            return f"nn.{type(stage).__name__}(1)"
        case nn.Linear():
            return f"nn.Linear({stage.in_features}, {stage.out_features})"
    return f"nn.{type(stage).__name__}()"
