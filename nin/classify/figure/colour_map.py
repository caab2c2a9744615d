"""Colours back to values: which of the usual colour maps a picture was painted with, and what it showed.

`plt.imshow` paints one number a pixel in the colours of a map; viridis makes a shirt of green and
yellow on violet. The maps are matplotlib's (viridis and its kind are CC0, the others BSD or, from
ColorBrewer, Apache 2.0), each as the few colours between which it runs straight, to within 5 of 255.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STEPS = 256
GREY_SPREAD = 12  # of 255: colours whose channels differ less are greys
SAMPLES = 120  # so many pixels decide which map it is
END = 0.1  # of a map's length: the background lies this near to one of its ends
CHOICE_STEPS = 32
AS_GOOD = 1.0  # a map further up in the table is preferred where it fits as well, to within this

# "pprrggbb": at place pp of 256 the colour is rrggbb. The ones met most often come first.
MAPS = {
    "viridis": "00440154 21462d7c 383e4989 821f928c 9b23a982 ad39b976 bf5bc862 f1dae218 fffde724",
    "plasma": "000c0786 204c02a1 3e7b02a8 559b179e 86d14e72 a9ec7754 ccfca635 e1fdc626 ffeff821",
    "inferno": "00000003 110b0726 29300a5c 435b116e 68962666 8dcd4247 "
    "aaed6825 c0f98e08 cafba007 e3f7d13c f5f1f27d fffcfea4",
    "magma": "00000003 1d180f3f 2e321067 3c4a1079 658a2881 92d3426d aef3675b c3fc8e63 e1fec689 fffbfcbf",
    "cividis": "0000224d 14003070 17003170 24213b6e 3a3d4a6b 938e8978 cfcbba64 edecd54a fcfde333 fffde737",
    "hot": "000a0000 5dfe0000 befffe00 ffffffff",
    "jet": "0000007f 1c0000fe 200000ff 5600d8ff 5a02e8f4 6015ffe1 a3edff08 a9ffe900 e3fe1200 e8e80000 ff7f0000",
    "turbo": "0030123b 0d3d3791 184456c7 254678f0 2f4291fe 3b31aff5 4c18d5cc 561be5b4 633bf48d "
    "7c98fe42 8bc0f233 9ce7d738 a9f9bc39 b7fe982c cbf15d13 ddd63405 efac1601 ff7a0402",
    "Blues": "00f7fbff 42c3d9ee 6398c7df 8563a9d3 bf2171b5 de08529c ff08306b",
    "Greens": "00f7fcf5 22e3f4dd 43c3e7bc 8270c274 9f41ab5d df006d2c ff00441b",
    "Reds": "00fff5f0 21fdded0 3efcbda3 7efb6b4b 9fef3b2c c0ca171c dfa50f15 ff67000c",
    "Purples": "00fcfbfd 2ce7e5f1 59c2c3df a07f7cb9 ff3f007d",
    "Oranges": "00fff5eb 22fde4cb 3efdd1a4 7ffd8d3c a0f06812 bfd94801 e0a43503 ff7f2704",
    "YlGnBu": "00ffffd9 20ecf7b1 40c6e8b4 7f41b6c3 9f1d91c0 df243494 ff081d58",
    "YlOrRd": "00ffffcc 43fed571 60fdb14b 80fc8c3b 9ffc4e2a bfe31a1c d9c40424 ff800026",
    "bone": "00000000 5c505070 b9a1c0c1 ffffffff",
    "copper": "00000000 cdfda065 ffffc77e",
    "afmhot": "00000000 40800000 80ff8000 bffffe7f ffffffff",
    "gist_heat": "00000000 80c00000 aaff5400 bfff7f00 ffffffff",
    "pink": "001e0000 04311919 073c2222 16613d3d 34925e5e 5ec27f7e 8bd4b899 bee8e8b3 ffffffff",
    "rainbow": "007f00ff 263373f8 4000b4eb 6040ecd3 7972febb 8992fda9 9fbeec8e bffeb461 d9ff733b ffff0000",
    "YlOrBr": "00ffffe5 1ffff7bd 3efee493 60fec34e 80fd9828 9fec7014 bfcc4c02 de9a3403 ff662505",
    "PuBu": "00fff7fb 42cdcfe5 7b7babd0 9f3690c0 c0046faf df045a8d ff023858",
    "BuPu": "00f7fcfd 21deebf3 659ab5d6 7e8c97c6 bf88419d df810f7c ff4d004b",
    "GnBu": "00f7fcf0 3ecdebc6 5ea9ddb5 8277cac5 a24bafd1 df0868ac ff084081",
    "PuRd": "00f7f4f9 1ee7e2ef 5dc997c8 7edd67b1 a0e62888 bfce1256 de990043 ff67001f",
    "RdPu": "00fff7f3 43fbc1be 60f99eb4 7ff768a1 a0dc3396 bfae017e ff49006a",
    "OrRd": "00fff7ec 3ffdd49e 5dfdbd86 80fb8c58 9fef6548 bfd7301f deb40101 ff7f0000",
    "BuGn": "00f7fcfd 1fe5f5f9 43c6e9e3 7f66c2a4 9f41ae76 be248c46 df006d2c ff00441b",
    "YlGn": "00ffffe5 20f6fbb8 41d7efa2 7e7ac779 9f41ab5d c0228342 df006837 ff004529",
    "PuBuGn": "00fff7fb 42cdcfe5 60a5bcda 7f67a9cf 9f3690c0 c0018088 df016c59 ff014636",
    "coolwarm": "003a4cc0 206182ea 4290b2fe 61b9d0f8 80dddcdb 9af2c9b5 b9f6a384 d1ea7b60 ead1493e f7bf282e ffb30326",
    "bwr": "000000ff 7ffefeff ffff0000",
    "seismic": "0000004c 400101ff 7ffdfdff bfff0000 ff7f0000",
    "RdBu": "0067001f 1ab2192b 32d45d4b 4af19e7c 66fddbc7 7ff7f6f6 99d1e5f0 b390c4dd cc4393c3 e52166ac ff053061",
    "RdYlBu": "00a50026 19d62f26 33f46d43 4dfdae61 66fee090 7ffefebe 9addf1f7 b3a9d8e8 cc74add1 e54576b4 ff313695",
    "Spectral": "009e0142 18d13a4e 33f46d43 4bfcaa5f 66fee08b 7ffefebd 99e6f598 b3a9dca4 cc66c2a5 e53389bc ff5e4fa2",
    "RdYlGn": "00a50026 19d62f26 33f46d43 4bfcaa5f 66fee08b 7ffefebd 9ad7ee89 b1a9da6b cc66bd63 e51b9850 ff006837",
    "PiYG": "008e0152 1ac51c7d 33de77ae 4ff2badc 66fde0ef 7ff7f6f6 99e6f5d0 b3b6e084 cd7dba3f e64c9120 ff276419",
    "PRGn": "0040004b 1a762b83 339970ab 49bc9dca 66e7d4e8 80f6f6f6 99d9f0d3 b3a4da9e ca5fb165 e41e7b39 ff00441b",
    "BrBG": "00543005 198a5009 32bd7f2b 4ee0c481 66f6e8c3 7ff5f4f4 99c7eae5 b281cdc1 cd32958d e600655d ff003c30",
    "PuOr": "007f3b08 1bb55a06 33e08214 4dfdb864 66fee0b6 80f6f6f6 99d8daeb b3b1a9d1 cc8073ac e5542888 ff2d004b",
    "cool": "0000ffff ffff00ff",
    "spring": "00ff00ff ffffff00",
    "summer": "00007f66 ffffff66",
    "autumn": "00ff0000 ffffff00",
    "winter": "000000ff ff00ff7f",
    "Wistia": "00e4ff7a 40ffe719 7effbe00 fffc7f00",
    "cubehelix": "00000000 1719122b 27192845 3116394d 43165849 4f21683f 6248782f 71747a32 "
    "7f9e7947 93c97b7f a1d484ac b9cba7e5 c7c2c1f2 d9c4def1 f1e5f7f0 ffffffff",
    "twilight": "00e1d8e2 21c0cdd3 458cafc5 5d7399c1 7f6175ba a35e4baa bb5a2e94 d44d176e ec3a1048 ff2f1436",
    "gnuplot": "00000000 0216000c 082d0031 1549007e 215b00b9 306e01ec 3d7c03fe 4b8a06f5 "
    "59960acf 69a31186 80b42000 a0c93e00 c4df7300 e3f0b300 ffffff00",
    "gnuplot2": "00000000 400000ff 6b8700ff 92ff4db1 eafffd01 ebffff04 ffffffff",
    "CMRmap": "00000000 2026267f 404d26be 609a337e 7ffd3f27 9fe57e00 bce5b816 c0e5c01b dee5e47b ffffffff",
    "gist_earth": "00000000 0100002b 02010038 0704006e 09050474 2d1d537a 4a30817d "
    "77499b46 8c78a652 b1b5b65d c7bfa464 d0c8a678 e5dfbdac fffdfafa",
    "terrain": "00333399 260098fe 4001cc66 7ffdfe98 bf805c54 ffffffff",
    "ocean": "00007f00 55000055 aa007faa ffffffff",
    "nipy_spectral": "00000000 0d770088 19870098 1a820099 260200a9 330000dd 400077dd 4b0095dd 4d0099db 5a00aaa8 6600aa87 "
    "73009900 9900ff00 a6bbfe00 b3eeec00 c0ffc900 ccff9900 d9fe0000 e5de0000 f2cc0000 ffcccccc",
    "hsv": "00ff0000 28ffec00 2df4ff00 5507ff00 5900ff0f 8100fffb aa000fff ae0700ff d7f700fd dbff00ec ffff0017",
}  # fmt: skip


@dataclass(frozen=True)
class Undone:
    """What a painted picture showed."""

    name: str  # of the map; "gray" where there is no colour
    values: Floats  # in [0, 1], the background near 0
    misfit: float  # mean distance of the colours from the map, in steps of 255

    @property
    def is_grey(self) -> bool:
        return self.name == "gray"


def undo(colours: NDArray[np.uint8], background: NDArray[np.uint8]) -> Undone | None:
    """The values behind (h, w, 3) `colours`; None where they lie on no map that begins or ends with the background's.

    `background`, (n, 3), are pixels that are known to show nothing: they tell which end of the map is none.
    """
    pixels = colours.reshape(-1, 3).astype(np.float32)
    nothing = np.median(background.reshape(-1, 3), axis=0).astype(np.float32)
    shape = colours.shape[:2]
    spread = np.ptp(pixels, axis=1)
    if np.quantile(spread, 0.95) <= GREY_SPREAD:
        luminance = (pixels.mean(axis=1) / 255).reshape(shape)
        return Undone("gray", luminance if nothing.mean() < 127.5 else 1 - luminance, float(spread.mean()) / 2)
    names, lines = _lines()
    some = pixels[:: max(1, len(pixels) // SAMPLES)]
    coarse = lines[:, :: STEPS // CHOICE_STEPS]
    distance = np.sqrt(_squares(some, coarse.reshape(-1, 3)).reshape(len(some), len(names), -1).min(axis=2)).mean(
        axis=0
    )
    start = _squares(nothing[None], lines.reshape(-1, 3)).reshape(len(names), STEPS).argmin(axis=1) / (STEPS - 1)
    distance[(start > END) & (start < 1 - END)] = np.inf
    best = distance.min()
    if not np.isfinite(best):
        return None
    chosen = int(np.flatnonzero(distance <= best + AS_GOOD)[0])
    squares = _squares(pixels, lines[chosen])
    values = (squares.argmin(axis=1) / (STEPS - 1)).astype(np.float32).reshape(shape)
    misfit = float(np.sqrt(squares.min(axis=1)).mean())
    return Undone(names[chosen], values if start[chosen] < 0.5 else 1 - values, misfit)


def painted(values: Floats, name: str) -> NDArray[np.uint8]:
    """(h, w) values in [0, 1] in the colours of a map: (h, w, 3). Beside those of the table there are gray and binary."""
    steps = np.rint(np.clip(values, 0, 1) * (STEPS - 1)).astype(int)
    if name in ("gray", "binary"):
        grey = steps if name == "gray" else STEPS - 1 - steps
        return np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
    names, lines = _lines()
    return np.rint(lines[names.index(name)][steps]).astype(np.uint8)


@functools.cache
def _lines() -> tuple[list[str], Floats]:
    """The maps' names, and their colours as (maps, STEPS, 3) in steps of 255."""
    lines = []
    for knots in MAPS.values():
        places, *colours = zip(*(bytes.fromhex(knot) for knot in knots.split()), strict=True)
        lines.append(np.stack([np.interp(np.arange(STEPS), places, channel) for channel in colours], axis=-1))
    return list(MAPS), np.stack(lines).astype(np.float32)


def _squares(pixels: Floats, line: Floats) -> Floats:
    """Squared distances, (n, 3) and (m, 3) -> (n, m)."""
    # Channel by channel: a product of matrices would wake as many threads as there are cores, for nothing.
    return sum((pixels[:, None, channel] - line[None, :, channel]) ** 2 for channel in range(3))  # type: ignore[return-value]
