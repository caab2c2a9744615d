"""The answer over all 60,000 training images, for the weights in the repository: found once, kept beside them.

    python -m nin.explain.shipped_top_images NAME...      searches anew for weights of these names

The search needs the whole of Fashion-MNIST, takes half an hour for the book's network at 224 px,
and goes on where it was cut short. The images that it found are kept as thumbnails, so that
they can be shown where only the bundled sample is installed.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, UnidentifiedImageError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nin.data import dataset
from nin.data.contact_sheet import from_sheet, to_sheet
from nin.data.dataset import Split
from nin.engine.device import be_polite, use_all_cores
from nin.errors import DataError
from nin.explain.top_images import Search, from_tensors, search_path, stored_search, to_tensors, weights_digest
from nin.storage.checkpoint import Checkpoint, load_checkpoint
from nin.storage.files import write_bytes
from nin.storage.weights import find_weights

_QUALITY = 80  # of the thumbnails, WebP: half the size of lossless ones


@dataclass(frozen=True)
class ShippedTopImages:
    found: Search
    numbers: Tensor  # int32 (U,), rising: the training images that are among the top of any channel
    thumbnails: Split  # of these, in their order; the images are not exact to the last bit

    def picture(self, number: int) -> tuple[Tensor, int]:
        """The thumbnail of training image `number`, uint8 (28, 28), and its class."""
        place = int(torch.searchsorted(self.numbers, number))
        return self.thumbnails.images[place], int(self.thumbnails.labels[place])


def shipped_path(weights: Path) -> Path:
    """Where the answer for the weights in a file lies."""
    return weights.parent / "top_images" / weights.name


def write_shipped(found: Search, checkpoint: Checkpoint, train: Split, path: Path) -> None:
    """`found` with thumbnails from `train` of all images that a channel answers at all."""
    answered = [layer.images[layer.values > 0] for layer in found.layers.values()]
    numbers = torch.cat(answered).unique()
    # Alike beside alike makes a small file: the sheet is sorted by class.
    order = train.labels[numbers.long()].argsort(stable=True)
    sheet = io.BytesIO()
    to_sheet(train.images[numbers[order].long()]).save(sheet, "WEBP", quality=_QUALITY, method=6)
    tensors = {
        **to_tensors(found),
        "numbers": numbers[order].int(),
        "labels": train.labels[numbers[order].long()].to(torch.uint8),
        "sheet": torch.frombuffer(bytearray(sheet.getvalue()), dtype=torch.uint8),
    }
    write_bytes(path, save(tensors, {"seen": str(found.seen), "weights": weights_digest(checkpoint)}))


def load_shipped(weights: Path, checkpoint: Checkpoint) -> ShippedTopImages | None:
    """The answer for the weights in a file; None where there is none, or where it is that of other weights."""
    try:
        with safe_open(shipped_path(weights), framework="pt") as file:
            metadata = file.metadata()
            if metadata["weights"] != weights_digest(checkpoint):
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        with Image.open(io.BytesIO(tensors["sheet"].numpy().tobytes()), formats=["WEBP"]) as sheet:
            images = from_sheet(sheet)
        found = from_tensors(tensors, metadata)
    except (OSError, SafetensorError, UnidentifiedImageError, KeyError, ValueError):
        return None
    numbers, order = tensors["numbers"].sort()
    return ShippedTopImages(found, numbers, Split(images[order], tensors["labels"].long()[order]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="NAME", help="weights in the repository, e.g. pocket")
    parser.add_argument("--data", metavar="DIR", help="directory with the four Fashion-MNIST files")
    options = parser.parse_args()
    be_polite()
    use_all_cores()
    data = dataset.load(options.data)
    if not data.is_full:
        raise DataError(
            "{path} holds the sample only: fetch the whole set first (python -m nin data --fetch)", path=data.path
        )
    for name in options.names:
        weights = find_weights(name)
        checkpoint = load_checkpoint(weights)
        images = data.train.images
        for found in stored_search(checkpoint, checkpoint.network(), images, search_path(checkpoint, images)):
            print(f"\r{name}: {found.seen:,} of {len(images):,}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        write_shipped(found, checkpoint, data.train, shipped_path(weights))


if __name__ == "__main__":
    main()
