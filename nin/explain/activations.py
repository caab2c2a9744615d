"""Every layer's output of one forward pass.

The network is a sequence all the way down, so its layers are simply called one after the
other. Nothing is hooked into the model, which therefore cannot be left behind changed, and
visitors whose threads share one network cannot see each other's images.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from nin.errors import SettingsError, WeightsError
from nin.model.cost import leaf_layers
from nin.model.network import NiN
from nin.storage.checkpoint import Checkpoint, load_checkpoint, prepare
from nin.storage.files import write_bytes
from nin.storage.weights import find_weights

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Features:
    """What went in and what came out of every layer, for N images."""

    input: Tensor  # float32 (N, 1, S, S): what the network was fed
    layers: dict[str, Tensor]  # by dotted index, in order: "0.0", "0.1", ...; (N, C, H, W) or (N, C)
    stages: dict[str, Tensor]  # by index, in order: "0" to "9" for the book's network

    def __getitem__(self, index: str) -> Tensor:
        """The output of the layer or stage with this index."""
        return self.stages[index] if index in self.stages else self.layers[index]

    def entering(self, index: str) -> Tensor:
        """What the layer or stage with this index was given."""
        if index in self.stages:
            index = next(name for name in self.layers if name.partition(".")[0] == index)
        names = list(self.layers)
        position = names.index(index)
        return self.layers[names[position - 1]] if position else self.input

    @property
    def logits(self) -> Tensor:
        """(N, 10)."""
        return next(reversed(self.layers.values()))


def capture(model: NiN, x: Tensor) -> Features:
    """Run `x` (N, 1, S, S) through `model` as in evaluation and keep what every layer returns.

    The modes of `model` and of its parts are what they were when this returns or raises.
    Raises RuntimeError where `x` does not fit the network.
    """
    layers: dict[str, Tensor] = {}
    stages: dict[str, Tensor] = {}
    y = x
    with evaluating(model), torch.inference_mode():
        for index, layer in leaf_layers(model):
            y = layer(y)
            layers[index] = y
            stages[index.partition(".")[0]] = y  # the last layer of a stage stays
    return Features(x, layers, stages)


def check_logits(logits: Tensor) -> None:
    """Raise WeightsError unless all are numbers: a training that went wrong leaves weights that give none."""
    if not bool(torch.isfinite(logits).all()):
        raise WeightsError(
            "with these weights the network gives no numbers: their training went wrong, mostly by too high a "
            "learning rate; choose other weights"
        )


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """`model` in evaluation mode; each part gets its own mode back. One already in it is not touched."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def network_input(pixels: Tensor, checkpoint: Checkpoint) -> Tensor:
    """What the network of `checkpoint` is fed for uint8 (28, 28) or (N, 28, 28): float32 (N, 1, S, S)."""
    images = pixels.reshape(-1, 1, *pixels.shape[-2:]).float() / 255
    return prepare(images, checkpoint.architecture, normalise=checkpoint.normalise)


def save_features(picture: Image, weights: str | Path, out: Path) -> dict[str, tuple[int, ...]]:
    """Write what every stage makes of `picture` (8-bit RGBA) to `out`, an .npz file; returns the shapes.

    The file holds the network's input as "input", then each top-level stage's output under its
    index. `weights` is a name on the shelf, a file or a run directory. Raises WeightsError for
    weights that cannot be used, SettingsError where `out` cannot be written.
    """
    from nin.classify.classifier import see

    checkpoint = load_checkpoint(find_weights(weights))
    features = capture(checkpoint.network(), network_input(see(picture), checkpoint))
    arrays = {name: tensor.numpy() for name, tensor in {"input": features.input, **features.stages}.items()}
    content = io.BytesIO()
    np.savez(content, **arrays)
    try:
        write_bytes(Path(out), content.getvalue())
    except OSError as error:
        raise SettingsError(f"{out} cannot be written ({error.strerror or error}): name another file") from error
    return {name: array.shape for name, array in arrays.items()}
