"""Which way up a picture is: phones and messengers lose that, and a boot on its side is a bag to the network.

The detector of clothes is asked of all four quarter turns. It is not believed lightly: many a thing
that is no clothes looks a little like them one way or the other.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from PIL import Image

from nin.classify.clothing_detector import LIMIT, Gate, find_gate
from nin.classify.preprocess import preprocess

# Log odds of being clothes, chosen on drawings of clothes, on test images and on other things; `drawings/README.md` has
# what came of it: of drawings on their side or head 8 to 16 % are right as they are and 66 to 87 % when turned, no upright
# one is turned, and of the other things 4.8 instead of 3.8 % pass for clothes.
UPRIGHT = 3.0  # what looks so much like clothes as it is stays as it is
MARGIN = 3.0  # so much more it has to look like them when it is turned
REFUSED = 6.0  # and so much at least where it would be none of the ten as it is

_TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}


def turned(picture: Image.Image, quarters: int) -> Image.Image:
    """The picture after so many quarter turns, counter-clockwise."""
    quarters %= 4
    return picture.transpose(_TURNS[quarters]) if quarters else picture


def quarters_to_upright(picture: Image.Image) -> int:
    """How many quarter turns, counter-clockwise, bring an RGBA picture upright; 0 where it seems to be so already.

    An image of the data set stays as it is, and so does everything where there is no detector.
    """
    gate = _gate()
    seen = preprocess(picture)
    if gate is None or seen.is_empty or seen.is_ready:
        return 0
    ways = torch.stack([seen.pixels.rot90(quarters) for quarters in range(4)])
    log_odds = gate.log_odds(ways).tolist()
    best = max(range(4), key=log_odds.__getitem__)
    least = log_odds[0] + MARGIN if log_odds[0] >= LIMIT else max(REFUSED, log_odds[0] + MARGIN)
    return best if log_odds[0] < UPRIGHT and log_odds[best] > least else 0


@lru_cache(maxsize=1)
def _gate() -> Gate | None:
    """The one that shipped weights lend: which way up a picture is does not depend on who is asked what it shows."""
    return find_gate()
