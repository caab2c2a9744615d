"""Hundreds of files that somebody might send to do harm, or by mistake: each with a name, made anew by every test."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageDraw

from nin.classify.picture_file import FORMATS


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _garment(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    picture = Image.new("RGB", size, "#f4f1ea")
    ImageDraw.Draw(picture).polygon([(12, 6), (50, 8), (44, 44), (18, 42)], fill="#334")
    return picture.convert(mode)


def sound_files() -> dict[str, bytes]:
    """One of every format that is read, and of forms that their decoders treat otherwise."""
    files = {kind: encoded(_garment(), kind) for kind in FORMATS}
    frames = [_garment(), Image.new("RGB", (64, 48), "white")]
    return files | {
        "PNG palette": encoded(_garment("P"), "PNG"),
        "PNG 16 bits": encoded(_garment("I;16"), "PNG"),
        "JPEG progressive": encoded(_garment(), "JPEG", progressive=True),
        "JPEG CMYK": encoded(_garment("CMYK"), "JPEG"),
        "GIF animated": encoded(frames[0], "GIF", save_all=True, append_images=frames),
        "WEBP animated": encoded(frames[0], "WEBP", save_all=True, append_images=frames),
        "TIFF deflate": encoded(_garment(), "TIFF", compression="tiff_deflate"),
        "TIFF float": encoded(_garment("F"), "TIFF"),
    }


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, data: bytes, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG with this header, whatever its data is; `more` are chunks between the two."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _zeros(megabytes: int) -> bytes:
    """So much, packed to a thousandth."""
    packer, million = zlib.compressobj(9), bytes(1 << 20)
    first, again = (packer.compress(million) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (megabytes - 1) + packer.flush()


def truncated(step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Every file cut after each `step`th byte; its first bytes one by one."""
    for kind, content in sound_files().items():
        for length in sorted({*range(0, min(64, len(content)), max(1, step // 8)), *range(0, len(content), step)}):
            yield f"{kind} cut after {length} bytes", content[:length]


def malformed_headers(seed: int = 1, each: int = 24) -> Iterator[tuple[str, bytes]]:
    """Sizes, types and offsets that cannot be."""
    chance = random.Random(seed)
    for kind, content in sound_files().items():
        for number in range(each):
            spoilt = bytearray(content)
            place = chance.randrange(min(120, len(content)))
            spoilt[place : place + chance.choice((1, 2, 4))] = chance.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0", chance.randbytes(4))
            )
            yield f"{kind} with a spoilt header, number {number}", bytes(spoilt)


def bombs() -> Iterator[tuple[str, bytes]]:
    """A few kilobytes that claim to be, or become, a gigabyte."""
    for side in (5_001, 30_000, 65_535, 2**31 - 1):
        yield f"PNG header of {side}", png(side, side, zlib.compress(b"\0" * 100))
    yield "PNG of one colour as large as is taken", png(5000, 5000, _zeros(96), colour=6)
    yield "PNG of one line", png(2**24, 1, _zeros(48))
    yield "PNG whose data goes on for 300 MB", png(60, 40, _zeros(300))
    yield "PNG with a text of 300 MB", png(4, 4, zlib.compress(bytes(64)), chunk(b"zTXt", b"a\0\0" + _zeros(300)))
    yield "PNG with a profile of 300 MB", png(4, 4, zlib.compress(bytes(64)), chunk(b"iCCP", b"a\0\0" + _zeros(300)))
    yield "PNG with 20,000 texts", png(4, 4, zlib.compress(bytes(64)), *[chunk(b"tEXt", b"key\0value")] * 20_000)
    large = Image.new("RGB", (3999, 3999))
    for kind in ("WEBP", "GIF"):
        yield f"{kind} of one colour as large as is taken", encoded(large, kind)
    frame = Image.new("L", (200, 200), "white")
    yield "GIF of 400 blank frames", encoded(frame, "GIF", save_all=True, append_images=[Image.new("L", (200, 200), i % 2 * 255) for i in range(400)])  # fmt: skip
    jpeg = bytearray(encoded(_garment(), "JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = b"\xff\xff\xff\xff"
    yield "JPEG header of 65,535", bytes(jpeg)
    yield "PPM header of a gigapixel", b"P6 40000 40000 255\n" + bytes(99)
    yield "PPM of digits without end", b"P3 5000 5000 255\n" + b"1 " * 500_000
    bmp = bytearray(encoded(_garment(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 2**31 - 1, -(2**31) + 1)
    yield "BMP header of 2 billion", bytes(bmp)
    # A directory of a TIFF that says that the next one is itself.
    tiff = (
        b"II*\0"
        + struct.pack("<I", 8)
        + struct.pack("<H", 1)
        + struct.pack("<HHII", 256, 4, 1, 5)
        + struct.pack("<I", 8)
    )
    yield "TIFF that goes round in a circle", tiff
    yield "TIFF with 65,535 entries", b"MM\0*\0\0\0\x08\xff\xff" + bytes(range(256)) * 100
    yield "ICO with 65,535 pictures", b"\0\0\1\0\xff\xff" + b"\x10\x10\0\0\1\0\x20\0\xff\xff\xff\x7f\x16\0\0\0" * 100
    yield "ICO around a PNG bomb", b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0\xff\xff\0\0\x16\0\0\0" + png(40_000, 40_000, b"x")


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Two things at once, one of them no picture."""
    script = b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    for kind, content in sound_files().items():
        yield f"{kind} with an archive behind it", content + b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18)
        yield f"{kind} with a page behind it", content + script
        yield f"a page with {kind} behind it", script + content
        yield f"a PDF with {kind} in it", b"%PDF-1.7\nstream\n" + content + b"\nendstream"
    yield "a GIF that is a script", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//"
    yield "a program", b"\x7fELF\2\1\1" + bytes(500)
    yield (
        "a pickle",
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
    )
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(id) run\n"
    yield (
        "an SVG with an entity",
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
    )


def burdened() -> Iterator[tuple[str, bytes]]:
    """Pictures that carry far more than a picture."""
    jpeg = encoded(_garment(), "JPEG")
    segment = b"\xff\xe1\xff\xffExif\0\0" + b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * (65533 - 16)
    yield "JPEG with EXIF of 64 kB that is all ones", jpeg[:2] + segment + jpeg[2:]
    yield "JPEG with 250 segments of EXIF", jpeg[:2] + segment * 250 + jpeg[2:]
    yield "JPEG with 16 MB of comments", jpeg[:2] + (b"\xff\xfe\xff\xff" + b"x" * 65533) * 250 + jpeg[2:]
    for value in (0, 9, 65535):
        exif = Image.Exif()
        exif[0x0112] = value
        yield f"JPEG turned by {value}", encoded(_garment(), "JPEG", exif=exif)
        yield f"PNG turned by {value}", encoded(_garment(), "PNG", exif=exif)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        yield f"{kind} with a profile of 4 MB", encoded(_garment(), kind, icc_profile=random.Random(2).randbytes(4_000_000))  # fmt: skip
        yield f"{kind} with a profile that is none", encoded(_garment(), kind, icc_profile=b"\0" * 200)
    yield "PNG with a text of 8 MB", png(4, 4, zlib.compress(bytes(64)), chunk(b"tEXt", b"a\0" + b"x" * 8_000_000))


def wrong_names() -> Iterator[tuple[str, bytes]]:
    """A name says one thing and the file is another: what counts is the file."""
    kinds = list(FORMATS)
    for kind, content in sound_files().items():
        for other in (kinds[(kinds.index(kind.split(" ")[0]) + 1) % len(kinds)].lower(), "exe", "svg", "html"):
            yield f"{kind.replace(' ', '-')}.{other}", content


def all_files() -> Iterator[tuple[str, bytes]]:
    """The whole corpus."""
    for part in (bombs(), polyglots(), burdened(), wrong_names(), malformed_headers(), truncated(step=7)):
        yield from part


def mutated(seed: int) -> Iterator[tuple[str, bytes]]:
    """Without end: sound files with bytes changed, cut out, doubled or exchanged."""
    chance = random.Random(seed)
    files = list(sound_files().items())
    while True:
        kind, content = chance.choice(files)
        spoilt = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(chance.choice((64, len(spoilt) + 1)) or 1)
            match chance.randrange(4):
                case 0:
                    spoilt[place : place + 1] = chance.randbytes(1)
                case 1:
                    del spoilt[place : place + chance.randint(1, 16)]
                case 2:
                    spoilt[place:place] = spoilt[place : place + chance.randint(1, 64)]
                case 3:
                    spoilt[place : place + 4] = struct.pack(">I", chance.getrandbits(32))
        yield f"{kind} mutated", bytes(spoilt)
