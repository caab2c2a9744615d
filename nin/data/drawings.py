"""The bundled drawings of clothes, to train beside the photos; `drawings.render` made them.

Ten contact sheets of 28x28 images, one a class, as `nin.classify.preprocess` brings any drawing to the
network.
"""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from nin.data.contact_sheet import from_sheet
from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES, class_slug
from nin.errors import DataError
from nin.paths import ROOT

DRAWINGS_DIR = ROOT / "data" / "drawings"


def load_drawings(directory: Path = DRAWINGS_DIR) -> Split:
    """uint8 (N, 28, 28), all classes in equal parts, one after the other; DataError where a sheet is missing."""
    images, labels = [], []
    for class_id in range(len(CLASS_NAMES)):
        path = sheet_path(directory, class_id)
        try:
            with Image.open(path, formats=["PNG"]) as sheet:
                tiles = from_sheet(sheet)
        except OSError as error:
            raise DataError(
                "{path} cannot be read ({error}): check the file out again", path=path, error=error
            ) from error
        images.append(tiles)
        labels.append(torch.full((len(tiles),), class_id))
    return Split(torch.cat(images), torch.cat(labels))


def with_drawings(photos: Split, share: float, directory: Path = DRAWINGS_DIR) -> Split:
    """Photos and drawings in one split, drawings repeated until they are `share` of the whole."""
    drawings = load_drawings(directory)
    count = round(len(photos.labels) * share / (1 - share))
    which = torch.arange(count) % len(drawings.labels)
    # Spread over the classes even where not every drawing is taken.
    which = torch.arange(len(drawings.labels)).view(len(CLASS_NAMES), -1).T.reshape(-1)[which]
    return Split(torch.cat([photos.images, drawings.images[which]]), torch.cat([photos.labels, drawings.labels[which]]))


def sheet_path(directory: Path, class_id: int) -> Path:
    return directory / f"{class_id}-{class_slug(class_id)}.png"
