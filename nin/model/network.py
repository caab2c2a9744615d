"""The NiN block and the network, as in the book.

Lin, Chen, Yan: "Network In Network" (arXiv 1312.4400) and section 8.3 of "Dive into Deep
Learning" (d2l.ai). This file holds the network alone; what is fast but harder to read lives
beside it and is proved equal by a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from nin.errors import WeightsError
from nin.model.architecture import CLASSES, Architecture, Block, Dropout, Pool


def nin_block(in_channels: int, block: Block, *, last_relu: bool = True) -> nn.Sequential:
    """One NiN block: (N, in_channels, H, W) -> (N, block.channels[-1], H', W')."""
    first, *pointwise = block.channels
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels, first, block.kernel_size, block.stride, block.padding),
        nn.ReLU(),
    ]
    for width_in, width_out in zip(block.channels, pointwise, strict=False):
        layers += [nn.Conv2d(width_in, width_out, kernel_size=1), nn.ReLU()]
    return nn.Sequential(*(layers if last_relu else layers[:-1]))


def dense_head(channels: int, side: int, widths: Sequence[int]) -> list[nn.Module]:
    """What NiN does without: (N, channels, side, side) -> logits (N, 10) by fully connected layers, as in AlexNet."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width_in, width_out in pairwise((channels * side**2, *widths)):
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    return [*layers, nn.Linear((channels * side**2, *widths)[-1], CLASSES)]


class NiN(nn.Sequential):
    """The network: blocks with pooling between, then one map per class, averaged.

    Takes (N, 1, S, S) with S = `architecture.input_size` (any other size that the pooling
    leaves a pixel of works too, unless the head is dense) and returns logits (N, 10). The
    shapes below are those of the book's network at 224 px; for what can be varied in it see
    `nin.model.architecture`.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        channels = 1
        blocks_left = sum(isinstance(stage, Block) for stage in architecture.built_stages)
        for stage in architecture.built_stages:
            match stage:
                case Block():
                    # (N, 96, 54, 54); (N, 256, 26, 26); (N, 384, 12, 12); last (N, 10, 5, 5)
                    blocks_left -= 1
                    makes_logits = blocks_left == 0 and architecture.has_class_maps
                    last_relu = not (makes_logits and architecture.logit_head)
                    self.append(nin_block(channels, stage, last_relu=last_relu))
                    channels = stage.channels[-1]
                case Pool():
                    # (N, 96, 26, 26); (N, 256, 12, 12); (N, 384, 5, 5)
                    pool = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}[stage.mode]
                    self.append(pool(stage.kernel_size, stage.stride, ceil_mode=stage.ceil_mode))
                case Dropout():
                    self.append(nn.Dropout(stage.p))
        if architecture.has_class_maps:
            pool = {"average": nn.AdaptiveAvgPool2d, "max": nn.AdaptiveMaxPool2d}[architecture.pooling]
            self.append(pool(1))  # (N, 10, 1, 1): the mean (or the maximum) of each class's map
            self.append(nn.Flatten())  # (N, 10): the logits
        else:
            self.extend(dense_head(*architecture.last_maps, architecture.dense_widths))

    @property
    def blocks(self) -> dict[str, nn.Sequential]:
        """The NiN blocks in order, by the index of their stage."""
        return {index: stage for index, stage in self.named_children() if isinstance(stage, nn.Sequential)}

    @property
    def last_block(self) -> nn.Sequential:
        """The block that makes one map for each class; before a dense head just the last."""
        return list(self.blocks.values())[-1]

    def class_maps(self, x: Tensor) -> Tensor:
        """(N, 1, S, S) -> (N, 10, h, w): what global pooling is given, whose mean or maximum is a logit.

        WeightsError where the head is dense: such a network has no class maps.
        """
        if not self.architecture.has_class_maps:
            raise WeightsError("this network has a dense head and no class maps: choose one without")
        for stage in list(self)[:-2]:
            x = stage(x)
        return x

    def layers(self) -> dict[str, nn.Module]:
        """Every layer in order, by its dotted index: "0.2" is the third layer of the first stage."""
        return {index: layer for index, layer in self.named_modules() if not list(layer.children())}


def convolutions(model: nn.Module) -> list[nn.Conv2d]:
    """Every convolution, in the order in which the image meets them."""
    return [module for module in model.modules() if isinstance(module, nn.Conv2d)]


def weighted_layers(model: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Every layer with weights, in order: the convolutions, and the layers of a dense head."""
    return [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def _he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _he_identity(weight: Tensor) -> None:
    width_out, width_in, *kernel = weight.shape
    if width_out == width_in and kernel == [1, 1]:
        nn.init.dirac_(weight)
    else:
        _he(weight)


INITIALISERS: dict[str, Callable[[Tensor], object] | None] = {
    "default": None,  # what nn.Conv2d does: uniform within 1 / sqrt(fan_in)
    "xavier": nn.init.xavier_uniform_,
    "he": _he,
    # He; but a 1×1 convolution that keeps the width passes its input on until it has learnt to mix channels.
    "he-identity": _he_identity,
}


def initialise(model: NiN, how: str, seed: int) -> NiN:
    """Give `model` fresh weights, the same ones for the same seed; returns it.

    `how` is a key of INITIALISERS. With "default" the second moment of the signal falls by
    about 5e-10 on its way through the book's twelve convolutions, with "xavier" by 4e-6, with
    "he" it stays: that is why the chapter's network so often sits at a loss of ln 10. With
    "he-identity" a block begins as its first convolution alone, and the network learns sooner:
    a ReLU behind random mixing drops half of what is there, behind an identity nothing more.

    A variant begins with the weights of the network that it is a variant of, wherever it has a
    layer of that place and shape: what becomes of the two differs by the variation alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in weighted_layers(model):
            layer.reset_parameters()
            if (fill := INITIALISERS[how]) is not None:
                fill(layer.weight)
                nn.init.zeros_(layer.bias)
    original = model.architecture.without_variation
    if original != model.architecture:
        with torch.no_grad():
            _copy_where_it_fits(initialise(NiN(original), how, seed), model)
    return model


def _copy_where_it_fits(source: NiN, target: NiN) -> None:
    theirs = dict(source.named_parameters())
    for name, parameter in target.named_parameters():
        if name in theirs and theirs[name].shape == parameter.shape:
            parameter.copy_(theirs[name])


def stage_name(stage: nn.Module) -> str:
    """The words the book would use for a top-level stage, e.g. "NiN block 96 @ 11×11"."""
    match stage:
        case nn.Sequential():
            convolution = stage[0]
            k, s = convolution.kernel_size[0], convolution.stride[0]
            width = convolutions(stage)[-1].out_channels
            return f"NiN block {width} @ {k}×{k}" + (f", stride {s}" if s > 1 else "")
        case nn.MaxPool2d():
            return f"Max-pool {stage.kernel_size}×{stage.kernel_size}, stride {stage.stride}"
        case nn.AvgPool2d():
            return f"Average-pool {stage.kernel_size}×{stage.kernel_size}, stride {stage.stride}"
        case nn.Dropout():
            return f"Dropout {stage.p:g}"
        case nn.AdaptiveAvgPool2d():
            return "Global average pool"
        case nn.AdaptiveMaxPool2d():
            return "Global max pool"
        case nn.Linear():
            return f"Dense {stage.in_features} → {stage.out_features}"
        case nn.Flatten():
            return "Flatten"
    return type(stage).__name__


def check_logits(logits: Tensor) -> None:
    """Raise WeightsError unless all are numbers: a training that went wrong leaves weights that give none."""
    if not bool(torch.isfinite(logits).all()):
        raise WeightsError(
            "with these weights the network gives no numbers: their training went wrong, mostly by too high a "
            "learning rate; choose other weights"
        )


def parameter_count(model: nn.Module) -> int:
    return sum(math.prod(p.shape) for p in model.parameters())
