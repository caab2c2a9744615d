"""The training images that excite each channel most: of every layer, in one pass over the images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nin.explain.activations import capture
from nin.model.network import NiN
from nin.paths import runs_directory
from nin.storage.checkpoint import Checkpoint, network_input
from nin.storage.files import write_bytes

KEPT = 9  # images a channel
PART_PIXELS = 128 * 28 * 28  # of the images at once: all layers' outputs of them are held


@dataclass(frozen=True)
class Exemplars:
    """Of one layer. Each tensor is (C, KEPT), the most exciting image first."""

    images: Tensor  # int64: numbers of training images
    values: Tensor  # float32: the channel's largest value on the image
    positions: Tensor  # int64: where on the map that value was, row * width + column


def find_exemplars(checkpoint: Checkpoint, model: NiN, images: Tensor) -> Iterator[tuple[int, dict[str, Exemplars]]]:
    """Yields (images seen, the best of them for every layer) after each part of uint8 (N, 28, 28)."""
    best: dict[str, Exemplars] = {}
    size = max(1, PART_PIXELS // checkpoint.architecture.input_size**2)
    for start in range(0, len(images), size):
        part = images[start : start + size]
        features = capture(model, network_input(part, checkpoint))
        for index in model.layers():
            output = features[index]
            values, positions = output.reshape(*output.shape[:2], -1).max(dim=2)  # (n, C)
            numbers = torch.arange(start, start + len(part)).unsqueeze(1).expand_as(values)
            found = Exemplars(numbers.T, values.T, positions.T)
            best[index] = _strongest(best[index], found) if index in best else _strongest(found)
        yield start + len(part), best


def _strongest(*parts: Exemplars) -> Exemplars:
    images, values, positions = (torch.cat(column, dim=1) for column in zip(*map(_columns, parts), strict=True))
    # Stable, so that of equals the first image comes first whatever the size of the parts.
    order = values.argsort(dim=1, descending=True, stable=True)[:, :KEPT]
    return Exemplars(images.gather(1, order), values.gather(1, order), positions.gather(1, order))


def _columns(found: Exemplars) -> tuple[Tensor, Tensor, Tensor]:
    return found.images, found.values, found.positions


def cache_path(checkpoint: Checkpoint, images: Tensor) -> Path:
    """Where the exemplars of these weights on these images are kept: named by their contents."""
    digest = hashlib.sha256(images.numpy().tobytes())
    digest.update(str(checkpoint.architecture.input_size).encode())
    for name, tensor in sorted(checkpoint.tensors.items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    return runs_directory() / ".exemplars" / f"{digest.hexdigest()[:32]}.safetensors"


def save_exemplars(found: dict[str, Exemplars], path: Path) -> None:
    names = ("images", "values", "positions")
    tensors = {
        f"{index}:{name}": tensor.contiguous()
        for index, layer in found.items()
        for name, tensor in zip(names, _columns(layer), strict=True)
    }
    write_bytes(path, save(tensors))


def load_exemplars(path: Path) -> dict[str, Exemplars] | None:
    """What `save_exemplars` wrote; None where there is nothing (readable)."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return None
    layers = dict.fromkeys(name.partition(":")[0] for name in tensors)
    return {
        index: Exemplars(tensors[f"{index}:images"], tensors[f"{index}:values"], tensors[f"{index}:positions"])
        for index in layers
    }
