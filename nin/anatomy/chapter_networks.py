"""The networks that the chapter compares with, as "Dive into Deep Learning" builds them (d2l.ai, chapters 7 and 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class ChapterNetwork:
    """A network of the book, for one channel and ten classes."""

    name: str
    build: Callable[[], nn.Sequential]
    input_size: int  # pixels a side, as in the book


def lenet() -> nn.Sequential:
    """Section 7.6: (N, 1, 28, 28) -> logits (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2),  # (N, 6, 28, 28)
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),  # (N, 16, 10, 10)
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Flatten(),  # (N, 400)
        nn.Linear(400, 120),
        nn.Sigmoid(),
        nn.Linear(120, 84),
        nn.Sigmoid(),
        nn.Linear(84, 10),
    )


def alexnet() -> nn.Sequential:
    """Section 8.1: (N, 1, 224, 224) -> logits (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 96, kernel_size=11, stride=4, padding=1),  # (N, 96, 54, 54)
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2),  # (N, 256, 26, 26)
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1),  # (N, 384, 12, 12)
        nn.ReLU(),
        nn.Conv2d(384, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        *_dense_head(256 * 5 * 5),
    )


def vgg11() -> nn.Sequential:
    """Section 8.2, in its full width: (N, 1, 224, 224) -> logits (N, 10). The book trains one of a quarter of the channels."""
    layers: list[nn.Module] = []
    channels = 1
    for count, width in ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, width, kernel_size=3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers, *_dense_head(512 * 7 * 7))


def _dense_head(features: int) -> list[nn.Module]:
    """Three dense layers, two of them with 4,096 values: what NiN does without."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width_in in (features, 4096):
        layers += [nn.Linear(width_in, 4096), nn.ReLU(), nn.Dropout(0.5)]
    return [*layers, nn.Linear(4096, 10)]


CHAPTER_NETWORKS: dict[str, ChapterNetwork] = {
    network.name: network
    for network in (
        ChapterNetwork("lenet", lenet, 28),
        ChapterNetwork("alexnet", alexnet, 224),
        ChapterNetwork("vgg-11", vgg11, 224),
    )
}
