"""The item that a visitor is looking at: chosen on one page, there on every other."""

from __future__ import annotations

import functools
import zlib
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import numpy as np
import streamlit as st
import torch
from PIL import Image
from torch import Tensor

from nin.classify.findings import Box, Doubt
from nin.classify.picture_file import open_picture
from nin.classify.preprocess import Seen, Steps, kept_picture, preprocess
from nin.classify.turn import quarters_to_upright, turned
from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from nin.errors import PictureError
from ui.base import address
from ui.base.images import data_uri, image_tensor, png
from ui.base.resources import dataset
from ui.base.text.classes import class_name

# In the session: the item; what the visitor's last action brought, the item last; the drawing to put on the sheet.
_KEY, _LATEST, _OPENED = "item", "latest_items", "opened_drawing"
_PICTURES = ("drawing", "upload", "camera")  # sources that have a picture; a test image has a number
SOURCES = (*_PICTURES, "test")
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Item:
    """What the network is shown, and where it came from."""

    pixels: bytes  # 28 x 28, one byte each, bright on black: as in the data set
    source: str  # "drawing", "upload", "camera" or "test"
    name: str  # a file's name, or a test image's number
    label: int | None = None  # the true class, where it is known
    picture: bytes = b""  # what was brought, as a small PNG; empty for a test image
    scattered: bool = False  # the picture holds many small things rather than one
    drawing: str = ""  # which of the drawings on the sheet it is; of a picture that a visitor turned, which it was
    is_drawing: bool = False  # drawn rather than photographed: how sure the network is counts differently
    nothing: str | None = None  # why there is nothing to look at, where that is so
    doubts: tuple[Doubt, ...] = ()  # what the finder is not sure of
    frame: Box | None = None  # the part of the picture that is meant, where the visitor said so
    quarters: int = 0  # by which it was turned when it came, counter-clockwise, since it seemed to lie on its side

    @property
    def id(self) -> str:
        """One for each picture, however it is prepared, and for each drawing, however far it has got."""
        content = zlib.crc32((self.picture or self.pixels) + self.name.encode())
        return f"{self.source}-{self.drawing or f'{content:08x}'}"

    @property
    def is_blank(self) -> bool:
        return not any(self.pixels)

    def tensor(self) -> Tensor:
        """uint8 (28, 28)."""
        return image_tensor(self.pixels)

    def array(self) -> np.ndarray[Any, Any]:
        """uint8 (28, 28)."""
        return np.frombuffer(self.pixels, dtype=np.uint8).reshape(SIDE, SIDE)

    @property
    def label_name(self) -> str | None:
        return None if self.label is None else class_name(self.label)

    def original(self) -> Image.Image:
        """What was brought, RGBA, no larger than the finder works with."""
        return open_picture(self.picture or png(self.array()))

    def prepared(self, steps: Steps) -> Item:
        """The same picture brought to the network's form by these steps."""
        return replace(self, **_as_seen(self.picture, steps, self.frame))

    def framed(self, frame: Box | None) -> Item:
        """The same picture, of which this part is meant; None: all of it."""
        return replace(self, frame=frame, **_as_seen(self.picture, Steps(), frame))

    def transposed(self, how: Image.Transpose) -> Item:
        """The same picture, all of it, turned or mirrored."""
        was = self.drawing or self.id.rpartition("-")[2]
        return item_from_picture(self.original().transpose(how), self.source, self.name, was, as_it_is=True)


def item_from_picture(
    picture: Image.Image, source: str, name: str, drawing: str = "", *, as_it_is: bool = False
) -> Item:
    """A picture of any size, RGBA, as the network will see it; one that was brought is turned upright, unless `as_it_is`."""
    picture = kept_picture(picture)  # the finder works at this size anyway: nothing of use is lost
    quarters = 0 if as_it_is or source == "drawing" else quarters_to_upright(picture)
    small = png(turned(picture, quarters))
    return Item(source=source, name=name, picture=small, drawing=drawing, quarters=quarters, **_as_seen(small, Steps()))


@functools.lru_cache(maxsize=256)
def _as_seen(picture: bytes, steps: Steps, frame: Box | None = None) -> dict[str, Any]:
    """Without the stages on the way, which are a thousand times as large: of a long list of files, too."""
    seen = seen_by(picture, steps, frame)
    return {
        "pixels": seen.pixels.numpy().tobytes(), "scattered": seen.is_scattered, "is_drawing": seen.is_drawing,
        "nothing": seen.nothing, "doubts": seen.doubts,
    }  # fmt: skip


@functools.lru_cache(maxsize=64)
def seen_by(picture: bytes, steps: Steps, frame: Box | None = None) -> Seen:
    """What the finder makes of a stored picture. Asked for when it comes in and again when the steps are shown."""
    return preprocess(open_picture(picture), steps, frame)


def item_from_test_set(index: int) -> Item:
    """Image number `index` of the test set in use."""
    test = dataset().test
    return item_from_split(test, index % len(test.labels))


def item_from_split(split: Split, index: int) -> Item:
    """Image number `index` of a test set, the one in use or an earlier one."""
    return Item(split.images[index].numpy().tobytes(), "test", str(index), int(split.labels[index]))


def current_item() -> Item:
    """The visitor's item; until they choose one, the test image of the address, else an ankle boot."""
    item = st.session_state.get(_KEY) or _of_address() or _first_boot()
    st.session_state[_KEY] = _numbered_anew(item) if item.source == "test" else item
    return st.session_state[_KEY]


def has_drawn() -> bool:
    """Whether what the visitor looks at is a drawing of theirs."""
    item = st.session_state.get(_KEY)
    return item is not None and item.source == "drawing" and not item.is_blank


def item_in_address() -> None:
    """Have the address say which test image is looked at; a picture that was brought is in no address."""
    item = current_item()
    address.show(_KEY, item=item.name if item.source == "test" else None)


def _of_address() -> Item | None:
    number = address.given_number(_KEY, len(dataset().test.labels) - 1)
    return None if number is None else item_from_test_set(number)


def _first_boot() -> Item:
    boots = (dataset().test.labels == CLASS_NAMES.index("Ankle boot")).nonzero()
    return item_from_test_set(int(boots[0]))


def _numbered_anew(item: Item) -> Item:
    """A test image under its number in the test set in use: the full set may have come since it was chosen."""
    images, number = dataset().test.images, int(item.name)
    if number < len(images) and torch.equal(images[number], item.tensor()):
        return item if item.label is not None else item_from_test_set(number)
    same = (images == item.tensor()).flatten(1).all(1).nonzero()
    return item_from_test_set(int(same[0])) if len(same) else _first_boot()


def set_current_item(*items: Item) -> None:
    """The last of these becomes the visitor's item; all of them are the latest that they brought."""
    before = st.session_state.get(_KEY)
    if _LATEST not in st.session_state or len(items) > 1 or before is None or before.id != items[-1].id:
        st.session_state[_LATEST] = items
    st.session_state[_KEY] = items[-1]


def latest_items() -> tuple[Item, ...]:
    """What the visitor's last action brought, their item last; nothing until they have chosen one."""
    latest = st.session_state.get(_LATEST, ())
    return (*latest[:-1], current_item()) if latest else ()


def put_on_sheet(item: Item) -> None:
    """The sheet shows this drawing from now on; that it is put there once is told by the token."""
    if item.source == "drawing":
        st.session_state[_OPENED] = {"token": uuid4().hex, "drawing": item.drawing, "png": data_uri(item.picture)}


def opened_drawing() -> dict[str, str] | None:
    """What `put_on_sheet` was last asked for: a token, the drawing's name, and its picture as a data URI."""
    return st.session_state.get(_OPENED)


def frame_from(sides: Any) -> Box | None:
    """What a browser sent as a part of a picture; the whole picture for anything that is none."""
    try:
        left, top, right, bottom = map(float, sides)
    except (TypeError, ValueError):
        return None
    return Box(left, top, right, bottom) if 0 <= left < right <= 1 and 0 <= top < bottom <= 1 else None


def kept_item(item: Item) -> dict[str, Any]:
    """What a browser keeps of an item: enough to show it, and for `item_from_kept`."""
    return {
        "id": item.id,
        "source": item.source,
        "name": item.name,
        "drawing": item.drawing,
        "src": data_uri(item.picture or item.array()),
        "frame": item.frame and item.frame.sides,
    }


def item_from_kept(kept: Any) -> Item:
    """The item that a browser has kept; PictureError for anything else, since anything could be sent."""
    try:
        source, name, drawing, uri = (str(kept[part]) for part in ("source", "name", "drawing", "src"))
        content = b64decode(uri.partition(",")[2], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise PictureError("the picture that was kept is damaged ({error}): bring it again", error=error) from error
    name = name[:_LONGEST_NAME]
    picture = open_picture(content, name)
    if source in _PICTURES:
        item = item_from_picture(picture, source, name, drawing[:_LONGEST_NAME], as_it_is=True)
        frame = frame_from(kept.get("frame"))
        return item if frame is None else item.framed(frame)
    if picture.size != (SIDE, SIDE) or not name.isdecimal():
        raise PictureError("{name} was kept as a test image and is none: choose another", name=name)
    # Its number and its class are looked up: they are the data set's to say.
    return _numbered_anew(Item(np.asarray(picture.convert("L")).tobytes(), "test", name[:9]))
