"""The training images on which each channel answers most: of every layer, in one pass over the images."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from nin.model.network import NiN
from nin.paths import runs_directory
from nin.storage.checkpoint import Checkpoint, network_input
from nin.storage.files import write_bytes

KEPT = 9  # images a channel
PART_PIXELS = 512 * 28 * 28  # of the images that go through the network at once
STORED_SECONDS = 20  # as much of a search is lost at most when it is cut short
_SEEN = "seen"  # in a file's metadata: how many images were searched


@dataclass(frozen=True)
class TopImages:
    """Of one layer. Each tensor is (C, KEPT), the strongest answer first."""

    images: Tensor  # int32: numbers of training images
    values: Tensor  # float32: the channel's largest value on the image
    positions: Tensor  # int32: where on the map that value was, row * width + column

    @property
    def columns(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.images, self.values, self.positions


@dataclass(frozen=True)
class Search:
    """How far a search has come."""

    seen: int  # images, from the first on
    layers: dict[str, TopImages]  # the best of them, by dotted index of the layers that `searched` names


def searched(model: NiN) -> dict[str, str]:
    """For each layer the one whose answers are searched for it: itself, if it computes new numbers.

    ReLU, dropout and flatten hand on what they were given, as far as it is above 0: they answer
    most where the layer before them does.
    """
    sources: dict[str, str] = {}
    source = ""
    for index, layer in model.layers().items():
        if not isinstance(layer, nn.ReLU | nn.Dropout | nn.Flatten):
            source = index
        sources[index] = source
    return sources


def search(checkpoint: Checkpoint, model: NiN, images: Tensor, begun: Search | None = None) -> Iterator[Search]:
    """Yields what was found after each part of the images, uint8 (N, 28, 28); `begun` is gone on with."""
    found = begun or Search(0, {})
    size = max(1, PART_PIXELS // checkpoint.architecture.input_size**2)
    sources = set(searched(model).values())
    while found.seen < len(images):
        part = images[found.seen : found.seen + size]
        best: dict[str, TopImages] = {}
        # Entered anew for each part: a generator must not leave a mode switched on for its caller.
        with torch.inference_mode():
            x = network_input(part, checkpoint)
            for index, layer in model.layers().items():
                x = layer(x)
                if index in sources:
                    answers = _answers(x, found.seen)
                    best[index] = _strongest(found.layers[index], answers) if found.layers else _strongest(answers)
        found = Search(found.seen + len(part), best)
        yield found


def _answers(maps: Tensor, first: int) -> TopImages:
    """What each image of a part, (n, C, H, W) or behind a dense layer (n, C), is for each channel; `first` is the
    number of the part's first image.
    """
    maps = maps.flatten(2) if maps.dim() == 4 else maps.unsqueeze(2)
    values, positions = maps.max(dim=2)  # (n, C)
    numbers = torch.arange(first, first + len(maps), dtype=torch.int32).unsqueeze(1).expand_as(values)
    return TopImages(numbers.T, values.T, positions.T.int())


def _strongest(*parts: TopImages) -> TopImages:
    images, values, positions = (
        torch.cat(column, dim=1) for column in zip(*(part.columns for part in parts), strict=True)
    )
    # Stable, so that of equals the first image comes first whatever the size of the parts.
    order = values.argsort(dim=1, descending=True, stable=True)[:, :KEPT]
    return TopImages(images.gather(1, order), values.gather(1, order), positions.gather(1, order))


def stored_search(checkpoint: Checkpoint, model: NiN, images: Tensor, path: Path) -> Iterator[Search]:
    """`search`, written to `path` now and then and at its end; what already lies there is gone on with."""
    begun = load_search(path)
    if begun is not None:
        yield begun
    stored = time.monotonic()
    for found in search(checkpoint, model, images, begun):
        if found.seen == len(images) or time.monotonic() - stored > STORED_SECONDS:
            save_search(found, path)
            stored = time.monotonic()
        yield found


def search_path(checkpoint: Checkpoint, images: Tensor) -> Path:
    """Where a search through these images with these weights is kept: named by their contents."""
    digest = hashlib.sha256(images.numpy())
    digest.update(weights_digest(checkpoint).encode())
    return runs_directory() / ".top_images" / f"{digest.hexdigest()[:32]}.safetensors"


def weights_digest(checkpoint: Checkpoint) -> str:
    """Names weights and the size that their network is fed by their contents."""
    digest = hashlib.sha256(str(checkpoint.architecture.input_size).encode())
    for name, tensor in sorted(checkpoint.tensors.items()):
        digest.update(name.encode())
        digest.update(tensor.numpy())
    return digest.hexdigest()


def save_search(found: Search, path: Path) -> None:
    write_bytes(path, save(to_tensors(found), {_SEEN: str(found.seen)}))


def load_search(path: Path) -> Search | None:
    """What `save_search` wrote; None where there is nothing (readable)."""
    try:
        with safe_open(path, framework="pt") as file:
            return from_tensors({name: file.get_tensor(name) for name in file.keys()}, file.metadata())  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


def to_tensors(found: Search) -> dict[str, Tensor]:
    names = ("images", "values", "positions")
    return {
        f"{index}:{name}": tensor.contiguous()
        for index, layer in found.layers.items()
        for name, tensor in zip(names, layer.columns, strict=True)
    }


def from_tensors(tensors: dict[str, Tensor], metadata: dict[str, str]) -> Search:
    """The other way round; what else is among the tensors is passed over."""
    layers = {name.removesuffix(":images") for name in tensors if name.endswith(":images")}
    found = {
        index: TopImages(tensors[f"{index}:images"], tensors[f"{index}:values"], tensors[f"{index}:positions"])
        for index in sorted(layers)
    }
    return Search(int(metadata[_SEEN]), found)
