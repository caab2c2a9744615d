"""Many small images as one large picture, in rows of forty: how the repository keeps its images."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nin.data.fashion_mnist import SIDE

COLUMNS = 40


def to_sheet(images: Tensor) -> Image.Image:
    """uint8 (N, 28, 28) -> the sheet, its last row filled up with black."""
    rows = -(-len(images) // COLUMNS)
    tiles = torch.zeros(rows * COLUMNS, SIDE, SIDE, dtype=torch.uint8)
    tiles[: len(images)] = images
    pixels = tiles.view(rows, COLUMNS, SIDE, SIDE).permute(0, 2, 1, 3).reshape(rows * SIDE, COLUMNS * SIDE)
    return Image.fromarray(pixels.numpy())


def from_sheet(sheet: Image.Image) -> Tensor:
    """The sheet -> uint8 (rows * COLUMNS, 28, 28)."""
    pixels = torch.from_numpy(np.array(sheet.convert("L")))
    return pixels.view(-1, SIDE, COLUMNS, SIDE).permute(0, 2, 1, 3).reshape(-1, SIDE, SIDE)
