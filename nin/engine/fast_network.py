"""The network of the book, fed the data set's own 28x28 images: the way it is trained and tested.

What stands between the pixels and the network (their statistics, the enlarging) is done here,
by the fold where the engine says that it is faster. The parameters are the network's own.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nin.engine.device import Engine
from nin.engine.fold import FoldedConvolution, plan_fold
from nin.model.network import NiN, convolutions
from nin.model.shapes import stage_shapes
from nin.storage.checkpoint import prepare, standardise


class FastNetwork(nn.Module):
    """(N, 1, 28, 28) in [0, 1] -> logits (N, 10) in the precision of the images, under autocast too."""

    def __init__(self, network: NiN, *, normalise: bool, engine: Engine) -> None:
        super().__init__()
        self.network, self.normalise, self.engine = network, normalise, engine
        plan = plan_fold(network.architecture) if engine.fold else None
        self.masked_shapes = _masked_shapes(network)
        self._layers = relus_after_pools(network)
        self.folded = None if plan is None else FoldedConvolution(convolutions(network)[0], plan)

    def forward(self, images: Tensor, masks: Sequence[Tensor] = ()) -> Tensor:
        """`masks` hold what each dropout layer multiplies by, in order; without them nothing is dropped."""
        left = iter(masks)
        with self.engine.autocast():
            x = self._first_convolution(images)
            for layer in self._layers[1:]:
                if not drops(layer):
                    x = layer(x)
                elif masks:
                    x = x * next(left).to(x.dtype)
        return x.to(images.dtype)

    def _first_convolution(self, images: Tensor) -> Tensor:
        if self.folded is None:
            x = self.engine.arrange(prepare(images, self.network.architecture, normalise=self.normalise))
            return self._layers[0](x)
        return self.folded(standardise(images) if self.normalise else images)

    def draw_masks(self, n: int, generator: torch.Generator) -> list[Tensor]:
        """Dropout masks for a batch of `n`, float32: 0 with the layer's probability p, else 1 / (1 - p).

        Drawn for a whole batch at once, so that it makes no difference in how many parts, or
        on how many devices, the batch is then worked through.
        """
        device, masks = next(self.parameters()).device, []
        for p, channels, height, width in self.masked_shapes:
            # Drawn pixel by pixel whatever the layout of what they are multiplied with, so that a seed means the same.
            kept = torch.empty(n, height, width, channels, device=device)
            kept = kept.bernoulli_(1 - p, generator=generator).div_(1 - p).permute(0, 3, 1, 2)
            masks.append(self.engine.arrange(kept))
        return masks


def relus_after_pools(network: NiN) -> list[nn.Module]:
    """The layers in order, but each ReLU that a max-pool follows behind it: a quarter of its work.

    Numbers and gradients stay the same, bit for bit: the largest of the rectified is the largest, rectified.
    """
    layers: list[nn.Module] = []
    for stage in network:
        for layer in stage if isinstance(stage, nn.Sequential) else [stage]:
            if isinstance(layer, nn.MaxPool2d) and layers and isinstance(layers[-1], nn.ReLU):
                layers.insert(-1, layer)
            else:
                layers.append(layer)
    return layers


def _masked_shapes(network: NiN) -> list[tuple[float, int, int, int]]:
    """For each layer that drops something: its probability and the (C, H, W) that go through it."""
    shapes = stage_shapes(network, network.architecture.input_size)
    return [(stage.p, *shape[1:]) for stage, shape in zip(network, shapes, strict=True) if drops(stage)]


def drops(stage: nn.Module) -> bool:
    return isinstance(stage, nn.Dropout) and stage.p > 0
