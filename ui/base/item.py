"""The item that a visitor is looking at: chosen on one page, there on every other."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
import torch
from PIL import Image
from torch import Tensor

from nin.classify.picture_file import open_picture
from nin.classify.preprocess import Seen, Steps, look, shrink
from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from ui.base.resources import dataset

_KEY = "item"


@dataclass(frozen=True)
class Item:
    """What the network is shown, and where it came from."""

    pixels: bytes  # 28 x 28, one byte each, bright on black: as in the data set
    source: str  # "drawing", "upload", "camera" or "test"
    name: str  # a file's name, or a test image's number
    label: int | None = None  # the true class, where it is known
    picture: bytes = b""  # what was brought, as a small PNG; empty for a test image
    scattered: bool = False  # the picture holds many small things rather than one

    def tensor(self) -> Tensor:
        """uint8 (28, 28)."""
        return torch.frombuffer(bytearray(self.pixels), dtype=torch.uint8).view(SIDE, SIDE)

    def array(self) -> np.ndarray[Any, Any]:
        """uint8 (28, 28)."""
        return np.frombuffer(self.pixels, dtype=np.uint8).reshape(SIDE, SIDE)

    @property
    def label_name(self) -> str | None:
        return None if self.label is None else CLASS_NAMES[self.label]

    def original(self) -> Image.Image:
        """What was brought, RGBA, no larger than the finder works with."""
        return open_picture(self.picture or _png(Image.fromarray(self.array())))

    def prepared(self, steps: Steps) -> Item:
        """The same picture brought to the network's form by these steps."""
        seen = seen_by(self.picture, steps)
        return replace(self, pixels=seen.pixels.numpy().tobytes(), scattered=seen.is_scattered)


def item_from_picture(picture: Image.Image, source: str, name: str) -> Item:
    """A picture of any size, RGBA, as the network will see it."""
    small = _png(shrink(picture))  # the finder works at this size anyway: nothing of use is lost
    seen = seen_by(small, Steps())
    return Item(seen.pixels.numpy().tobytes(), source, name, picture=small, scattered=seen.is_scattered)


@functools.lru_cache(maxsize=32)
def seen_by(picture: bytes, steps: Steps) -> Seen:
    """What the finder makes of a stored picture. Asked for when it comes in and again when the steps are shown."""
    return look(open_picture(picture), steps)


def item_from_test_set(index: int) -> Item:
    """Image number `index` of the test set in use."""
    test = dataset().test
    return item_from_split(test, index % len(test.labels))


def item_from_split(split: Split, index: int) -> Item:
    """Image number `index` of a test set, the one in use or an earlier one."""
    return Item(split.images[index].numpy().tobytes(), "test", str(index), int(split.labels[index]))


def current_item() -> Item:
    """The visitor's item; an ankle boot from the test set until they choose one."""
    item = st.session_state.get(_KEY) or _first_boot()
    st.session_state[_KEY] = _numbered_anew(item) if item.source == "test" else item
    return st.session_state[_KEY]


def _first_boot() -> Item:
    boots = (dataset().test.labels == CLASS_NAMES.index("Ankle boot")).nonzero()
    return item_from_test_set(int(boots[0]))


def _numbered_anew(item: Item) -> Item:
    """A test image under its number in the test set in use: the full set may have come since it was chosen."""
    images, number = dataset().test.images, int(item.name)
    if number < len(images) and torch.equal(images[number], item.tensor()):
        return item
    same = (images == item.tensor()).flatten(1).all(1).nonzero()
    return item_from_test_set(int(same[0])) if len(same) else _first_boot()


def set_current_item(item: Item) -> None:
    st.session_state[_KEY] = item


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
