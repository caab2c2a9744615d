"""Files that people take for pictures and that are not read here: what they are, and what to do instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from nin.errors import Message

_PHOTO = "export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
_STILL = "take a still from it"
_PICTURE = "save it as PNG or JPEG"


class FileKind(NamedTuple):
    looks_like: re.Pattern[bytes]  # how such a file begins
    name: Message
    remedy: Message


def _kind(pattern: bytes, name: str, remedy: str) -> FileKind:
    return FileKind(re.compile(pattern, re.DOTALL | re.IGNORECASE), Message(name), Message(remedy))


# The first that fits is meant.
KINDS = (
    _kind(rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "a HEIC photo", _PHOTO),
    _kind(rb"....ftyp(?!avi[fs])", "a film", _STILL),
    _kind(rb"\x1a\x45\xdf\xa3|RIFF....AVI", "a film", _STILL),
    _kind(rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture", _PICTURE),
    _kind(rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ", "a JPEG 2000 picture", _PICTURE),
    _kind(rb"8BPS", "a Photoshop file", _PICTURE),
    _kind(rb"%PDF", "a PDF", "take a screenshot of the page, or export it as PNG"),
    _kind(rb"\s*<(!doctype )?html", "a web page", "save the picture itself"),
    _kind(rb"(\xef\xbb\xbf)?\s*<[^\0]*?<?svg[\s>]", "an SVG drawing", "export it as PNG"),
    _kind(rb"PK\x03\x04", "an archive or a document", "take the picture out of it"),
)


def kind_of(content: bytes) -> FileKind | None:
    """What kind of file this is, judged by its first bytes; None where they fit none of the kinds above."""
    return next((kind for kind in KINDS if kind.looks_like.match(content[:1024])), None)
