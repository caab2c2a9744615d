"""Training images rendered as people draw: outlines, silhouettes, flat colours, few tones.

Batch functions like those in `nin.data.augment`: floats (N, 1, 28, 28) in [0, 1], bright on black,
and a generator on the same device. A drawing is turned, stretched and moved a little, since nobody draws
as a camera stands.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

PHOTO_SHARE = 0.7  # of the images that stay photos
MAX_TURN = math.radians(14)
MAX_STRETCH = 0.18  # of width and height, each on its own
MAX_SHEAR = 0.12
MAX_MOVE = 0.10  # of the frame
GARMENT_LEVEL = 0.08  # pixels brighter than this belong to the garment


def sketch(images: Tensor, generator: torch.Generator) -> Tensor:
    """The first images stay photos, the others are drawn, an equal part in each style.

    By their place: a training batch comes in random order, so this is a random choice that
    draws each image in one style instead of in all of them.
    """
    stays = round(PHOTO_SHARE * len(images))
    if stays == len(images):
        return images
    drawn = [
        style(part, generator) for style, part in zip(STYLES, images[stays:].tensor_split(len(STYLES)), strict=True)
    ]
    return torch.cat([images[:stays], warp(torch.cat(drawn), generator).clamp(0, 1)])


def silhouette(images: Tensor) -> Tensor:
    """1 on the garment, 0 elsewhere; gaps of a pixel or two within it are closed."""
    solid = (images > GARMENT_LEVEL).float()
    grown = F.max_pool2d(solid, 3, 1, 1)
    return torch.maximum(solid, -F.max_pool2d(-F.pad(grown, (1, 1, 1, 1)), 3, 1, 0))


def warp(images: Tensor, generator: torch.Generator) -> Tensor:
    """Turned, stretched, slanted and moved a little, each image by amounts of its own."""
    n, device = len(images), images.device
    turn = _uniform((n,), -MAX_TURN, MAX_TURN, generator, device)
    wide = 1 + _uniform((n,), -0.05, MAX_STRETCH, generator, device)
    high = 1 + _uniform((n,), -0.05, MAX_STRETCH, generator, device)
    shear = _uniform((n,), -MAX_SHEAR, MAX_SHEAR, generator, device)
    move = _uniform((n, 2), -2 * MAX_MOVE, 2 * MAX_MOVE, generator, device)
    across = torch.stack([wide * turn.cos(), shear - turn.sin(), move[:, 0]], dim=1)
    down = torch.stack([turn.sin(), high * turn.cos(), move[:, 1]], dim=1)
    grid = F.affine_grid(torch.stack([across, down], dim=1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def edges(images: Tensor, width: Tensor) -> Tensor:
    """How much the brightness changes at each pixel, in [0, 1]; `width` (N, 1, 1, 1) from 0 to 1 broadens the lines."""
    change = F.max_pool2d(images, 3, 1, 1) + F.max_pool2d(-images, 3, 1, 1)
    strength = (change / change.amax((1, 2, 3), keepdim=True).clamp(min=1e-3) * 1.6 - 0.3).clamp(0, 1)
    broad = F.max_pool2d(strength, 3, 1, 1)
    return strength + (broad - strength) * width


def flat(images: Tensor, generator: torch.Generator) -> Tensor:
    """A silhouette in one tone."""
    return silhouette(images) * _level(images, 0.45, 1.0, generator)


def lined(images: Tensor, generator: torch.Generator) -> Tensor:
    """A flat surface with its seams and rim as lines, brighter or darker than it."""
    lines = edges(images, _level(images, 0, 0.7, generator))
    surface = _level(images, 0.4, 0.9, generator)
    ink = torch.where(_level(images, 0, 1, generator) < 0.65, 1.0, _level(images, 0.0, 0.3, generator))
    return silhouette(images) * (surface + (ink - surface) * lines)


def outline(images: Tensor, generator: torch.Generator) -> Tensor:
    """Lines alone, as of a drawing whose outline could not be filled."""
    mask = silhouette(images)
    rim = mask + F.max_pool2d(-mask, 3, 1, 1)
    seams = edges(images, _level(images, 0, 0.5, generator)) * _level(images, 0, 1, generator)
    return torch.maximum(rim, seams) * mask


def inverted(images: Tensor, generator: torch.Generator) -> Tensor:
    """Light cloth for dark, dark for light."""
    return silhouette(images) * (1.12 - images)


def posterised(images: Tensor, generator: torch.Generator) -> Tensor:
    """Two to four tones, in the photo's order or in any other."""
    tones = torch.randint(2, 5, (len(images), 1, 1, 1), generator=generator, device=images.device)
    band = (images.clamp(0, 0.999) * tones).long()
    levels = torch.rand(len(images), 4, generator=generator, device=images.device) * 0.85 + 0.15
    return silhouette(images) * levels.gather(1, band.flatten(1)).view_as(images)


def toned(images: Tensor, generator: torch.Generator) -> Tensor:
    """Lighter, darker, flatter: another exposure of the same garment."""
    bent = images.clamp(min=1e-3) ** torch.exp(_level(images, -0.9, 0.9, generator))
    floor = _level(images, 0.0, 0.6, generator)
    return silhouette(images) * (floor + (1 - floor) * bent)


STYLES = (flat, lined, outline, inverted, posterised, toned)


def _level(images: Tensor, low: float, high: float, generator: torch.Generator) -> Tensor:
    return _uniform((len(images), 1, 1, 1), low, high, generator, images.device)


def _uniform(
    shape: tuple[int, ...], low: float, high: float, generator: torch.Generator, device: torch.device
) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator, device=device)
