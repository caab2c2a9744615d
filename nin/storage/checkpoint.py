"""A checkpoint: weights in one safetensors file that describes itself.

The file's metadata holds the whole architecture and how images are to be prepared, so that
it can be used anywhere without the run it came from. Weights of the book's network that were saved
elsewhere are read, too (`nin.storage.book_weights`); whatever a file holds, no code in it is run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nin.data.fashion_mnist import PIXEL_MEAN, PIXEL_STD
from nin.errors import WeightsError
from nin.model.architecture import Architecture
from nin.model.network import NiN
from nin.presets import PRESETS
from nin.storage.book_weights import BOOK_PRESET, book_tensors, is_torch_file, read_torch_file
from nin.storage.checkpoint_description import METADATA_KEY
from nin.storage.files import write_bytes


@dataclass(frozen=True)
class Checkpoint:
    """Weights with what is needed to use them."""

    architecture: Architecture
    tensors: dict[str, Tensor]
    preset: str
    normalise: bool  # images are to be shifted and scaled by the training pixels' statistics
    step: int = 0
    extra: dict[str, Any] = field(default_factory=dict)  # anything JSON; of use to a resumed run

    def network(self) -> NiN:
        """The network with these weights, in evaluation mode."""
        # On the meta device nothing is allocated or drawn at random just to be overwritten.
        with torch.device("meta"):
            model = NiN(self.architecture)
        try:
            model.load_state_dict(self.tensors, assign=True)
        except RuntimeError as error:
            raise WeightsError("the weights do not fit their own description: {error}", error=error) from error
        return model.eval()


def network_input(pixels: Tensor, checkpoint: Checkpoint) -> Tensor:
    """What the network of `checkpoint` is fed for uint8 (28, 28) or (N, 28, 28): float32 (N, 1, S, S)."""
    images = pixels.reshape(-1, 1, *pixels.shape[-2:]).float() / 255
    return prepare(images, checkpoint.architecture, normalise=checkpoint.normalise)


def prepare(images: Tensor, architecture: Architecture, *, normalise: bool) -> Tensor:
    """What the network is fed: (N, 1, 28, 28) in [0, 1] -> (N, 1, S, S), S the input size."""
    if normalise:
        images = standardise(images)
    size = architecture.input_size
    if images.shape[-1] == size:
        return images
    return torch.nn.functional.interpolate(images, (size, size), mode="bilinear", align_corners=False)


def standardise(images: Tensor) -> Tensor:
    """Pixels in [0, 1] -> mean 0 and standard deviation 1 over the training images."""
    return (images - PIXEL_MEAN) / PIXEL_STD


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write to a temporary name, then rename: a reader sees all of it or nothing."""
    write_bytes(path, checkpoint_file(checkpoint))


def checkpoint_file(checkpoint: Checkpoint) -> bytes:
    """The content of the safetensors file."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    return save(tensors, {METADATA_KEY: describe(checkpoint)})


def describe(checkpoint: Checkpoint) -> str:
    """All but the tensors, as JSON: what a file says of itself."""
    return json.dumps(
        {
            "architecture": checkpoint.architecture.to_dict(),
            "preset": checkpoint.preset,
            "normalise": checkpoint.normalise,
            "step": checkpoint.step,
            "extra": checkpoint.extra,
        }
    )


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a file that this program wrote, or the book's network; WeightsError says what is wrong with any other."""
    if not path.is_file():
        raise WeightsError("there are no weights at {path}", path=path)
    try:
        if is_torch_file(path):
            tensors, described = read_torch_file(path)
        else:
            with safe_open(path, framework="pt") as file:
                described = (file.metadata() or {}).get(METADATA_KEY)
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if described is None:
            return _book_network(tensors, path)
        description = json.loads(described)
        return Checkpoint(
            Architecture.from_dict(description["architecture"]),
            tensors,
            preset=description["preset"],
            normalise=description["normalise"],
            step=description["step"],
            extra=description["extra"],
        )
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            "{path} is damaged or no safetensors file ({error}): fetch or train it again", path=path, error=error
        ) from error


def _book_network(tensors: dict[str, Tensor], path: Path) -> Checkpoint:
    """The chapter feeds pixels in [0, 1] as they are, and has a ReLU behind the last convolution."""
    return Checkpoint(PRESETS[BOOK_PRESET].architecture, book_tensors(tensors, path), BOOK_PRESET, normalise=False)
