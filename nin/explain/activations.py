"""Every layer's output of one forward pass.

The network is a sequence all the way down, so its layers are simply called one after the
other. Nothing is hooked into the model, which therefore cannot be left behind changed, and
visitors whose threads share one network cannot see each other's images.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nin.errors import SettingsError
from nin.model.network import NiN
from nin.storage.checkpoint import load_checkpoint, network_input
from nin.storage.files import write_bytes
from nin.storage.weights import find_weights


@dataclass(frozen=True)
class Features:
    """What went in and what came out of every layer, for N images."""

    input: Tensor  # float32 (N, 1, S, S): what the network was fed
    layers: dict[str, Tensor]  # by dotted index, in order: "0.0", "0.1", ...; (N, C, H, W) or (N, C)
    stages: dict[str, Tensor]  # by index, in order: "0" to "9" for the book's network

    @classmethod
    def of(cls, x: Tensor, outputs: Iterable[tuple[str, Tensor]]) -> Features:
        """From the network's input and what each layer handed on, in order."""
        layers = dict(outputs)
        stages = {index.partition(".")[0]: output for index, output in layers.items()}  # a stage's last layer stays
        return cls(x, layers, stages)

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
    def class_maps(self) -> Tensor:
        """(N, 10, h, w): what the last block made, whose mean (or maximum) is the logit of its class.

        Where the head is dense there is no such map: the logits, (N, 10, 1, 1), are all there is.
        """
        *_, maps, _pooled, logits = self.stages.values()
        return maps if maps.dim() == 4 else logits[..., None, None]

    @property
    def logits(self) -> Tensor:
        """(N, 10)."""
        return next(reversed(self.layers.values()))


def capture(model: NiN, x: Tensor) -> Features:
    """Run `x` (N, 1, S, S) through `model` as in evaluation and keep what every layer returns.

    Raises RuntimeError where `x` does not fit the network.
    """
    with torch.inference_mode():
        return Features.of(x, _outputs(model, x))


def _outputs(model: NiN, x: Tensor) -> Iterator[tuple[str, Tensor]]:
    for index, layer in model.layers().items():
        # Dropout alone works differently in training. It is passed over rather than switched off:
        # whoever shares the model must not see it change, not even for a moment.
        if not isinstance(layer, nn.Dropout):
            x = layer(x)
        yield index, x


def save_features(image: Tensor, weights: str | Path, out: Path) -> dict[str, tuple[int, ...]]:
    """Write what every stage makes of `image`, uint8 (28, 28), to `out`, an .npz file; returns the shapes.

    The file holds the network's input as "input", then each top-level stage's output under its
    index. `weights` is a name on the shelf, a file or a run directory. Raises WeightsError for
    weights that cannot be used, SettingsError where `out` cannot be written.
    """
    checkpoint = load_checkpoint(find_weights(weights))
    features = capture(checkpoint.network(), network_input(image, checkpoint))
    arrays = {name: tensor.numpy() for name, tensor in {"input": features.input, **features.stages}.items()}
    content = io.BytesIO()
    np.savez(content, **arrays)
    try:
        write_bytes(Path(out), content.getvalue())
    except OSError as error:
        raise SettingsError(
            "{out} cannot be written ({error}): name another file", out=out, error=error.strerror or error
        ) from error
    return {name: array.shape for name, array in arrays.items()}
