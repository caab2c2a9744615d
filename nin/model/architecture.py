"""What a network is made of, as plain data: no torch, so that a page can list networks at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

INITIALISATIONS = ("default", "xavier", "he", "he-identity")


@dataclass(frozen=True)
class Block:
    """A spatial convolution followed by 1×1 convolutions, a ReLU behind each."""

    channels: tuple[int, ...]  # output channels of the spatial convolution, then of each 1×1
    kernel_size: int
    stride: int = 1
    padding: int = 0

    def with_pointwise(self, count: int) -> Block:
        """The same block with `count` 1×1 convolutions; what goes in and out keeps its width."""
        first, *hidden, last = self.channels if len(self.channels) > 1 else self.channels * 2
        if count == 0:
            return replace(self, channels=(last,))
        middle = (hidden or [last]) * count
        return replace(self, channels=(first, *middle[: count - 1], last))


@dataclass(frozen=True)
class Pool:
    """Pooling between two blocks: 3×3 windows, two pixels apart, in every network here."""

    mode: str = "max"  # "max" or "average"
    kernel_size: int = 3
    stride: int = 2
    ceil_mode: bool = False  # count a last window that overhangs the border


@dataclass(frozen=True)
class Dropout:
    p: float = 0.5


@dataclass(frozen=True)
class Architecture:
    """Everything needed to build a network; it travels with each checkpoint."""

    input_size: int  # pixels a side; images are enlarged to it bilinearly
    stages: tuple[Block | Pool | Dropout, ...]
    pointwise: int | None = None  # 1×1 convolutions per block, 0-3; None: as `stages` say
    logit_head: bool = False  # True drops the ReLU behind the last convolution
    dropout: float | None = None  # replaces the probability of every Dropout stage

    def __post_init__(self) -> None:
        if self.pointwise is not None and not 0 <= self.pointwise <= 3:
            raise ValueError(f"pointwise is {self.pointwise}: a block takes 0 to 3 convolutions of 1×1")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: choose a probability from 0 up to, not including, 1")

    @property
    def built_stages(self) -> tuple[Block | Pool | Dropout, ...]:
        """The stages as the network has them, with `pointwise` and `dropout` applied."""
        return tuple(self._built(stage) for stage in self.stages)

    def _built(self, stage: Block | Pool | Dropout) -> Block | Pool | Dropout:
        if isinstance(stage, Block) and self.pointwise is not None:
            return stage.with_pointwise(self.pointwise)
        if isinstance(stage, Dropout) and self.dropout is not None:
            return Dropout(self.dropout)
        return stage

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the fields, each stage with its kind."""
        stages = [{"kind": type(stage).__name__.lower(), **asdict(stage)} for stage in self.stages]
        return {**asdict(self), "stages": stages}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Architecture:
        return cls(**{**fields, "stages": tuple(_stage_from_dict(stage) for stage in fields["stages"])})


def _stage_from_dict(fields: dict[str, Any]) -> Block | Pool | Dropout:
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return {"block": Block, "pool": Pool, "dropout": Dropout}[options.pop("kind")](**options)
