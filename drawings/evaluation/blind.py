"""A second set of clothes, as other hands draw them: an icon designer, a child, a fashion sketcher.

Measured with, never looked at when something is tuned. 100 units a side. A path is written as its
points, `x,y` a corner and `~x,y` a point the line runs smoothly through.
"""

import math
from typing import NamedTuple

import numpy as np

from drawings.evaluation.shapes import Points

_PIECES = 8  # straight pieces to a curved one


class Garment(NamedTuple):
    """One drawing: surfaces are closed, lines open; a line of one point is a dot."""

    body: Points
    lines: list[Points]
    trims: list[Points]  # collars, soles, straps: a second colour, over the body


class _Knot(NamedTuple):
    x: float
    y: float
    smooth: bool


def _knots(path: str) -> list[_Knot]:
    points = ((word, word.lstrip("~").split(",")) for word in path.split())
    return [_Knot(float(x), float(y), word.startswith("~")) for word, (x, y) in points]


def _tangent(before: _Knot | None, at: _Knot, after: _Knot | None, length: float) -> np.ndarray | None:
    """The direction through a smooth point, as long as the piece it is for; none at a corner."""
    if not at.smooth or before is None or after is None:
        return None
    through = np.subtract(after[:2], before[:2])
    return through / max(np.hypot(*through), 1e-9) * length


def _run(knots: list[_Knot], closed: bool) -> Points:
    """Points along the path: Hermite pieces beside smooth knots, straight ones between corners."""
    count = len(knots)
    found: Points = []
    for i in range(count if closed else count - 1):
        start, end = knots[i], knots[(i + 1) % count]
        before = knots[i - 1] if closed or i else None
        after = knots[(i + 2) % count] if closed or i + 2 < count else None
        chord = np.subtract(end[:2], start[:2])
        length = float(np.hypot(*chord))
        leave, arrive = _tangent(before, start, end, length), _tangent(start, end, after, length)
        if leave is None and arrive is None:
            found.append((start.x, start.y))
            continue
        # A free end takes the tangent that leaves it without curvature.
        leave = 1.5 * chord - 0.5 * arrive if leave is None else leave
        arrive = 1.5 * chord - 0.5 * leave if arrive is None else arrive
        s = np.arange(0, 1, 1 / _PIECES)[:, None]
        piece = s * s * (3 - 2 * s) * chord + s * (1 - s) ** 2 * leave + s * s * (s - 1) * arrive
        found += [(start.x + x, start.y + y) for x, y in piece.tolist()]
    return found if closed else [*found, (knots[-1].x, knots[-1].y)]


def _turned(knots: list[_Knot]) -> list[_Knot]:
    return [_Knot(100 - x, y, smooth) for x, y, smooth in knots]


def shape(path: str) -> Points:
    """A closed surface."""
    return _run(_knots(path), closed=True)


def half(path: str) -> Points:
    """A symmetric surface from its right half, top to bottom, around x = 50."""
    right = _knots(path)
    return _run(right + [knot for knot in reversed(_turned(right)) if knot.x != 50], closed=True)


def line(path: str) -> Points:
    return _run(_knots(path), closed=False)


def lines(*paths: str) -> list[Points]:
    return [line(path) for path in paths]


def pair(*paths: str) -> list[Points]:
    """Each line and its mirror image."""
    return [run for path in paths for run in (line(path), _run(_turned(_knots(path)), closed=False))]


def patches(*paths: str) -> list[Points]:
    """Each surface and its mirror image."""
    return [run for path in paths for run in (shape(path), _run(_turned(_knots(path)), closed=True))]


def ring(x: float, y: float, r: float) -> Points:
    return [(x + r * math.sin(turn * math.pi / 8), y - r * math.cos(turn * math.pi / 8)) for turn in range(17)]


BLIND: dict[int, list[Garment]] = {
    0: [
        # icon: rounded and geometric
        Garment(half("~50,25 61,14 ~69,16 ~92,32 ~94,37 ~86,48 ~82,48 75,43 75,84 ~74,87 ~71,88 50,88"), [*lines("36,15 ~50,31 64,15"), *pair("75,43 74,34")], []),
        # a child's, with a heart
        Garment(shape("38,20 ~49,26 62,18 ~75,21 96,38 ~91,47 87,52 75,45 ~77,65 74,90 ~48,88 25,91 ~24,68 27,46 12,54 ~9,47 4,39 ~22,24"), lines("50,72 ~36,59 ~41,50 50,57 ~58,49 ~65,57 50,72"), []),
        # a sketch: V-neck, seams and folds
        Garment(half("50,30 60,13 ~72,17 ~84,26 91,46 ~84,50 77,50 73,38 ~71,60 73,90 ~60,93 50,93"),
                [*pair("50,34 ~57,25 64,15", "72,18 ~70,28 73,38"), *lines("31,45 ~36,51 43,53", "69,56 ~61,63 53,64", "29,80 ~35,73 37,66", "70,78 64,70"), *pair("90,42 ~84,46 76,46"), *lines("27,87 ~50,90 73,87")], []),
    ],
    1: [
        # icon: jeans
        Garment(half("50,8 71,8 ~74,34 78,92 58,92 ~53,55 50,38"), [*lines("29,17 71,17", "50,17 50,38"), *pair("57,17 ~61,25 72,27", "58,85 77,85")], []),
        # a child's, with a patch on the knee
        Garment(shape("30,10 ~50,8 71,11 ~74,50 80,93 ~68,95 58,92 ~53,65 49,46 ~46,65 40,94 ~30,95 19,91 ~25,50"), lines("30,19 ~50,18 72,20", "27,62 37,60 38,72 28,73 27,62", "50,14"), []),
        # a sketch: wide, pleated, pressed
        Garment(half("50,7 63,7 64,14 ~71,30 81,94 ~68,97 54,95 50,45"), [*pair("58,15 60,32", "61,36 67,94", "65,17 67,31"), *lines("50,14 ~52,28 50,38"), *pair("57,7 57,14")], [half("50,7 63,7 64,14 50,14")]),
    ],
    2: [
        # catalogue: round neck, ribbed hem and cuffs
        Garment(half("~50,20 60,13 ~70,17 ~78,27 ~86,54 91,80 79,84 ~75,64 70,46 71,89 50,89"),
                [*lines("36,15 ~50,28 64,15"), *pair("62,22 ~65,35 70,46"), *lines(*(f"{x},80 {x},89" for x in range(35, 70, 6))), *pair("82,75 83,82", "86,74 87,81")],
                [half("50,80 71,80 71,89 50,89"), *patches("77,76 90,72 91,80 79,84")]),
        # a child's Christmas jumper
        Garment(shape("40,19 ~50,25 60,18 ~73,22 ~87,38 98,66 87,72 ~80,58 73,47 ~75,70 74,91 ~50,93 26,91 ~25,70 27,46 ~20,60 13,73 2,66 ~13,38 ~27,22"),
                lines("26,60 34,52 42,61 50,52 58,61 66,52 74,60", "26,83 ~50,86 74,83", "94,56 83,63", "6,57 17,64", "36,21 ~50,32 64,20", "34,70", "42,70", "50,70", "58,70", "66,70"), []),
        # a sketch: cable knit with a rolled neck
        Garment(half("50,19 ~58,18 ~68,21 ~78,32 ~84,56 88,82 77,85 ~74,66 70,48 ~69,70 71,90 50,91"),
                [*pair("46,26 ~54,35 ~46,44 ~54,53 ~46,62 ~54,71 46,82", "60,23 60,82"), *lines("29,82 ~50,83 71,82", "40,13 ~50,15 60,13"), *pair("76,78 87,75", "67,24 ~66,36 70,48")],
                [half("~50,7 60,5 61,19 ~50,23")]),
    ],
    3: [
        # emoji: sleeveless, belted, flared
        Garment(half("~50,22 57,8 63,8 ~62,18 67,27 ~62,36 60,43 ~68,64 83,89 ~68,93 ~50,94"), pair("55,52 59,86", "61,56 70,82"), [half("50,40 61,40 61,47 50,47")]),
        # a child's: puffed sleeves and spots
        Garment(shape("42,15 ~50,20 58,14 ~69,12 ~75,22 ~68,30 61,27 60,43 ~72,66 87,90 ~78,93 ~68,89 ~59,94 ~50,90 ~41,95 ~32,90 ~22,94 13,91 ~28,64 40,43 40,28 ~33,31 ~25,22 ~31,13"),
                [*lines("40,43 ~50,46 60,43"), ring(42, 60, 3), ring(59, 62, 3), ring(50, 75, 3), ring(33, 78, 3), ring(68, 78, 3)], []),
        # a sketch: an evening gown
        Garment(half("50,24 ~56,18 60,16 ~65,23 ~62,34 ~59,43 ~66,57 ~66,72 80,95 ~64,94 ~50,97"),
                [*pair("60,16 57,4"), *lines("41,43 ~50,46 59,43", "45,48 ~42,68 32,93", "52,50 ~54,70 50,94", "58,54 ~61,72 68,92"), *pair("55,26 ~57,34 55,43")], []),
    ],
    4: [
        # a sketch: a trench coat
        Garment(half("50,12 ~57,7 61,7 ~74,13 ~81,30 88,66 76,70 ~72,50 69,40 68,54 ~75,78 76,95 50,96"),
                [*lines("56,44 56,95"), *pair("59,66 67,70", "75,62 87,59"), *lines("43,47", "62,47", "43,66", "51,66", "43,78", "51,78"), *pair("72,14 ~68,26 69,40")],
                [*patches("50,44 50,16 59,5 69,17 63,22 67,27"), half("50,52 68,52 68,58 50,58"), shape("45,50 55,50 55,60 45,60")]),
        # a child's: buttons, pockets, down to the knees
        Garment(shape("43,12 ~50,15 57,11 ~69,14 ~79,27 93,62 82,68 ~75,52 69,41 ~73,66 84,94 ~50,97 16,95 ~26,66 31,42 ~26,52 19,68 7,62 ~21,27 ~32,14"),
                [*lines("50,22 ~51,56 50,96"), ring(57, 34, 2.6), ring(58, 48, 2.6), ring(58, 62, 2.6), *lines("28,68 40,67 40,79 27,80 28,68", "60,67 72,68 73,80 61,79 60,67", "90,55 79,61", "10,55 21,61")],
                [shape("43,10 ~36,16 34,25 ~44,28 50,20"), shape("57,10 ~64,15 66,24 ~57,28 50,20")]),
        # icon: a long quilted winter coat
        Garment(half("50,18 60,17 ~72,18 ~81,28 ~83,40 ~86,50 ~87,60 88,70 ~82,73 76,72 ~73,58 70,44 ~74,52 72,60 ~76,68 73,76 ~77,85 ~72,94 50,94"),
                [*lines("50,20 50,94"), *pair("50,32 ~60,35 69,32", "50,46 ~60,49 71,46", "50,60 ~60,63 72,60", "50,76 ~60,79 73,76", "71,42 ~76,44 83,40", "74,58 ~80,59 86,55")],
                [half("50,5 ~60,5 ~63,10 62,21 ~56,24 50,24")]),
    ],
    5: [
        # emoji: a high heel with an ankle strap
        Garment(shape("3,88 ~18,85 ~36,80 ~56,64 ~72,50 ~86,42 ~95,45 ~93,58 89,92 84,92 ~83,66 ~74,60 ~58,76 ~40,89 ~20,93 ~5,92"), [ring(66, 24, 3)],
                [shape("12,86 ~17,74 27,66 37,69 ~31,75 28,83"), shape("85,43 ~88,32 86,18 93,17 ~97,32 94,45"), shape("58,27 ~74,31 92,28 92,20 ~76,23 59,19")]),
        # a child's, toe to the right
        Garment(shape("4,79 ~40,77 ~80,79 ~94,75 ~98,80 ~92,86 ~60,86 ~20,88 ~4,86"), [ring(40, 46, 2.4)],
                [shape("24,48 33,48 ~39,64 47,79 37,79 ~29,64"), shape("5,80 ~3,60 6,38 15,38 ~14,60 19,79"), shape("6,40 ~26,47 46,40 48,49 ~26,57 8,50"), shape("58,79 ~62,62 ~75,57 90,77")]),
        # catalogue: a cork footbed with two buckled straps
        Garment(shape("3,80 ~4,72 ~30,76 ~62,73 ~84,66 ~95,61 ~98,70 97,86 ~50,87 4,86"), [*lines("4,80 ~50,83 97,79"), *lines("27,54 33,52 36,62 30,64 27,54", "59,46 65,45 68,56 62,57 59,46", "32,58 35,77", "64,51 68,74")],
                [shape("11,78 ~17,60 ~27,51 ~37,51 42,79"), shape("49,79 ~52,54 ~59,45 ~70,45 78,75")]),
    ],
    6: [
        # clip art: long sleeves, cuffs, a pocket
        Garment(half("50,20 58,10 ~72,14 ~80,24 89,78 77,81 ~74,60 70,44 ~70,70 72,88 ~62,93 ~50,90"),
                [*lines("47,22 47,90", "53,22 53,90", "50,36", "50,48", "50,60", "50,72", "50,84", "57,38 66,38 66,47 ~62,50 57,47 57,38"), *pair("70,44 ~69,30 72,16")],
                [*patches("50,21 57,8 66,14 60,30", "76,72 88,69 89,78 77,81")]),
        # emoji: short sleeves, open collar
        Garment(half("50,32 60,12 ~72,16 95,36 85,51 75,45 75,90 50,90"), [*lines("50,34 50,90", "54,46", "54,58", "54,70", "54,82", "58,46 69,46 69,58 58,58 58,46"), *pair("92,33 ~86,42 82,49")], [*patches("50,36 58,11 65,11 70,23 63,23")]),
        # a child's: a pointed collar, two pockets, the tails out
        Garment(shape("42,12 ~50,17 58,11 ~73,15 ~86,40 97,70 86,76 ~79,60 71,42 ~70,65 73,84 ~64,93 ~50,86 ~37,94 27,85 ~29,65 29,43 ~22,58 15,77 3,71 ~15,38 ~28,15"),
                [*lines("50,24 ~51,56 50,87", "50,38", "50,50", "50,62", "50,74", "56,42 67,41 67,52 ~62,56 56,53 56,42", "33,42 44,42 44,53 ~38,56 33,52 33,42", "93,61 82,68", "7,62 18,69")],
                [shape("42,9 30,20 40,33 50,19"), shape("58,8 70,19 60,33 50,19")]),
    ],
    7: [
        # icon: a low runner
        Garment(shape("5,74 ~5,62 ~16,55 ~32,50 ~43,39 ~52,29 ~58,30 ~64,37 ~74,39 ~82,32 ~91,34 ~93,50 95,74"), lines("36,46 43,53", "42,39 49,46", "48,32 56,39", "50,67 ~70,62 92,46", "18,54 ~27,61 26,72"), [shape("3,72 97,72 ~98,80 ~92,84 ~8,84 ~2,80")]),
        # a child's, toe to the right, with a star
        Garment(shape("5,46 ~9,40 ~26,44 41,36 ~50,48 ~70,57 ~92,60 ~97,72 95,75 6,75 ~3,60"), lines("44,40 36,47", "51,47 43,55", "59,52 52,60", "24,51 27,57 34,58 28,62 30,69 24,65 18,69 20,62 14,58 21,57 24,51", "76,57 ~74,66 77,74"), [shape("4,73 ~50,75 97,72 ~98,81 ~50,85 ~4,84")]),
        # a sketch: a thick-soled trainer
        Garment(shape("3,74 ~5,63 ~18,57 ~34,51 ~45,42 ~48,33 ~56,30 ~61,38 ~70,42 ~79,38 ~86,30 ~92,32 ~91,46 ~93,58 97,70"),
                lines("33,52 41,57", "38,48 46,53", "43,43 51,48", "12,60 ~26,65 ~42,63 57,45", "56,66 63,48", "64,66 71,50", "72,66 78,51", "47,37 54,41", "85,37 ~82,52 84,65", "20,79 ~50,78 90,77"),
                [shape("2,70 ~20,73 ~45,70 ~70,70 97,64 ~99,76 ~94,85 ~70,83 ~50,85 ~20,85 ~4,82")]),
    ],
    8: [
        # emoji: a handbag
        Garment(shape("20,42 ~50,40 80,42 ~85,48 ~92,82 ~87,90 ~50,91 ~13,90 ~8,82 ~15,48"), [*lines("14,55 ~50,61 86,55"), ring(50, 60, 4)],
                [half("~50,9 ~61,12 ~70,23 72,43 65,43 ~62,26 ~57,19 ~50,16")]),
        # a child's shopping bag with a flower
        Garment(shape("14,40 ~50,42 87,39 ~86,66 89,92 ~50,94 11,91 ~15,66"),
                [*lines("31,41 ~33,17 ~50,9 ~65,16 68,41"), ring(50, 64, 4), *(ring(50 + x, 64 + y, 4) for x, y in ((0, -8), (8, -2), (5, 7), (-5, 7), (-8, -2)))], []),
        # a sketch: a satchel with buckles
        Garment(shape("10,34 ~50,33 90,34 ~92,60 91,86 ~88,90 ~50,91 ~12,90 9,86 ~8,60"), lines("29,65 29,82", "35,65 35,82", "65,65 65,82", "71,65 71,82", "14,38 ~50,37 86,38", "15,85 ~50,87 85,85"),
                [shape("9,34 ~50,32 91,34 ~92,54 ~84,64 ~50,66 ~16,64 ~8,54"), *patches("26,56 38,56 38,68 26,68"), half("~50,17 ~60,18 ~66,25 67,34 61,34 ~60,27 ~56,24 ~50,23")]),
    ],
    9: [
        # icon: pull-on, elastic at the side
        Garment(shape("5,84 ~6,72 ~18,64 ~34,58 ~42,47 42,13 80,13 ~79,46 ~85,64 87,84"), lines("57,16 ~57,32 60,43", "62,16 62,46", "67,16 ~67,32 64,43", "77,13 ~83,5 80,20"), [shape("4,84 88,84 88,94 68,94 66,90 4,90"), shape("52,13 72,13 ~71,34 ~62,50 ~53,34")]),
        # a child's, laced, toe to the right
        Garment(shape("20,12 ~40,14 58,10 ~57,34 60,50 ~80,54 ~95,66 96,84 18,84 ~17,60"), lines("57,20 45,26", "57,30 45,36", "58,40 46,46", "45,20 57,27", "45,30 57,37", "45,40 59,47", "80,55 ~75,68 77,83"), [shape("16,83 97,83 ~98,91 44,91 43,95 16,95"), shape("18,9 ~40,11 60,8 59,17 ~40,19 19,18")]),
        # a sketch: pointed, heeled, zipped
        Garment(shape("2,87 ~15,76 ~32,63 ~44,48 ~46,30 43,12 ~62,16 81,11 ~80,34 ~83,50 ~87,64 84,76 81,94 73,94 ~72,80 ~63,78 ~46,86 ~24,91 ~8,91"),
                lines("66,16 ~65,40 68,62", "44,19 ~62,23 80,18", "2,88 ~24,87 ~46,82 ~64,74 86,72", "45,44 ~53,47 57,44", "41,54 ~50,57 56,53", "79,44 74,50", "22,72 ~27,78 25,86"), []),
    ],
}  # fmt: skip
