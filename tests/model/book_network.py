"""The chapter's own network, as its reader writes it: plain torch, nothing of this project."""

from __future__ import annotations

from torch import nn


def book_network() -> nn.Sequential:
    def block(channels_in: int, channels: int, kernel_size: int, stride: int, padding: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(channels_in, channels, kernel_size, stride, padding), nn.ReLU(),
            nn.Conv2d(channels, channels, kernel_size=1), nn.ReLU(),
            nn.Conv2d(channels, channels, kernel_size=1), nn.ReLU(),
        )  # fmt: skip

    return nn.Sequential(
        block(1, 96, 11, 4, 0), nn.MaxPool2d(3, stride=2),
        block(96, 256, 5, 1, 2), nn.MaxPool2d(3, stride=2),
        block(256, 384, 3, 1, 1), nn.MaxPool2d(3, stride=2), nn.Dropout(0.5),
        block(384, 10, 3, 1, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(),
    ).eval()  # fmt: skip
