"""Pictures as files that travel within a page: pixels to PNG to a data URI, and an item's bytes back to a tensor."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nin.data.fashion_mnist import SIDE


def png(picture: Image.Image | np.ndarray[Any, Any]) -> bytes:
    """A picture, or uint8 (h, w), (h, w, 3) or (h, w, 4), as a file: made fast rather than small."""
    buffer = io.BytesIO()
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def data_uri(picture: bytes | np.ndarray[Any, Any]) -> str:
    """A PNG, or pixels as `png` takes them, as an address that needs no request of its own."""
    content = picture if isinstance(picture, bytes) else png(picture)
    return f"data:image/png;base64,{b64encode(content).decode()}"


def image_tensor(pixels: bytes) -> Tensor:
    """28 x 28 bytes, one a pixel -> uint8 (28, 28)."""
    return torch.frombuffer(bytearray(pixels), dtype=torch.uint8).view(SIDE, SIDE)
