"""What the network answers with a part of it switched off. The network itself is not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nin.data.dataset import Split
from nin.errors import SettingsError
from nin.explain.activations import Features
from nin.model.network import NiN
from nin.storage.checkpoint import Checkpoint, network_input

PART_PIXELS = 512 * 28 * 28  # of the images that go through the network at once


@dataclass(frozen=True)
class Ablation:
    """What is switched off in one layer: some channels, or the layer as a whole."""

    layer: str  # dotted index
    channels: frozenset[int] | None = None  # their output becomes 0; None: the layer is bypassed


class Ablated(nn.Module):
    """A network with parts switched off: same weights, shared and unchanged, and one more step after such a layer.

    A bypassed layer hands on what it was given, so it must be one that keeps the number of
    channels and their size, and the ReLU behind it has nothing left to do. Raises SettingsError
    for one that does not, and for a layer or channel that the network has not got.
    """

    def __init__(self, model: NiN, ablations: Iterable[Ablation]) -> None:
        super().__init__()
        self.layers = model.layers()
        self.bypassed = set()
        self.silenced: dict[str, list[int]] = {}
        for ablation in ablations:
            layer = self.layers.get(ablation.layer)
            if layer is None:
                raise SettingsError(
                    "the network has no layer {layer!r}: choose one of {choices}",
                    layer=ablation.layer,
                    choices=", ".join(self.layers),
                )
            if ablation.channels is None:
                if not can_bypass(layer):
                    raise SettingsError(
                        "layer {layer} changes the shape of what it is given and can't be bypassed: switch off channels of it instead",
                        layer=ablation.layer,
                    )
                self.bypassed.add(ablation.layer)
            else:
                self.silenced.setdefault(ablation.layer, []).extend(ablation.channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, S, S) -> logits (N, 10)."""
        for _, output in self.outputs(x):
            x = output
        return x

    def outputs(self, x: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yields every layer's index and what it hands on now: 0 for what is switched off, its input if bypassed."""
        for index, layer in self.layers.items():
            if index not in self.bypassed:
                x = layer(x)
            if channels := self.silenced.get(index):
                if max(channels) >= x.shape[1]:
                    raise SettingsError(
                        "layer {index} has {count} channels: there is no channel {channel}",
                        index=index,
                        count=x.shape[1],
                        channel=max(channels),
                    )
                x = x.clone()
                x[:, channels] = 0
            yield index, x


def can_bypass(layer: nn.Module) -> bool:
    """Whether what goes in and what comes out of a 1×1 convolution have the same shape."""
    return isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1) and layer.in_channels == layer.out_channels


@torch.inference_mode()
def logits_with(model: NiN, ablations: Iterable[Ablation], x: Tensor) -> Tensor:
    """(N, 1, S, S) -> logits (N, 10) of the network without them; `model` is in evaluation mode."""
    return Ablated(model, ablations)(x)


@torch.inference_mode()
def capture_with(model: NiN, ablations: Iterable[Ablation], x: Tensor) -> Features:
    """As `capture`, of the network without them: the maps of every layer as the ablation leaves them."""
    return Features.of(x, Ablated(model, ablations).outputs(x))


def classes_at_zero(model: NiN, ablations: Iterable[Ablation]) -> list[int]:
    """The classes whose own map is switched off, so that their logit is 0 whatever the picture.

    Off means 0, and 0 is not "no": of a class with a negative logit it makes a likelier one, of
    all the others' logits nothing changes.
    """
    layers = model.layers()
    last = list(layers).index(_last_with_weights(layers))
    maps = set(list(layers)[last:])  # from the last weights on a channel is a class
    return sorted({channel for ablation in ablations if ablation.layer in maps for channel in ablation.channels or ()})


def _last_with_weights(layers: dict[str, nn.Module]) -> str:
    return next(index for index in reversed(layers) if isinstance(layers[index], nn.Conv2d | nn.Linear))


def accuracy_with(
    checkpoint: Checkpoint, model: NiN, ablations: Iterable[Ablation], split: Split
) -> Iterator[tuple[int, int]]:
    """Yields (images seen, of them right) after each part of `split`, for the network without them, on the CPU."""
    ablated = Ablated(model, ablations)
    size = max(1, PART_PIXELS // checkpoint.architecture.input_size**2)
    right = 0
    for start in range(0, len(split.labels), size):
        part = slice(start, start + size)
        # Entered anew for each part: a generator must not leave a mode switched on for its caller.
        with torch.inference_mode():
            logits = ablated(network_input(split.images[part], checkpoint))
        right += int((logits.argmax(1) == split.labels[part]).sum())
        yield start + len(logits), right
