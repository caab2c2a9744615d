"""What a network is made of, as plain data: no torch, so that a page can list networks at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from nin.errors import SettingsError
from nin.model.window import Window

CLASSES = 10
INITIALISATIONS = ("default", "xavier", "he", "he-identity")
# What makes ten numbers of the last maps. "block": the network's own last block; "one-step": its first convolution
# goes to ten maps at once, as in the book's; "gradual": each of its convolutions narrows by the same factor, down to
# ten; "dense": fully connected layers in place of the last block and the pooling behind it.
HEADS = ("block", "one-step", "gradual", "dense")
POOLINGS = ("average", "max")  # of each class's whole map
POINTWISE_RANGE = (0, 3)
DENSE_WIDTHS = (512,)


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

    def with_head(self, head: str, width_in: int) -> Block:
        """The same block as another head for maps of `width_in` channels; one of HEADS, "dense" aside."""
        count = len(self.channels)
        match head:
            case "one-step":
                return replace(self, channels=(CLASSES,) * count)
            case "gradual":
                factor = (CLASSES / width_in) ** (1 / count)
                return replace(self, channels=tuple(round(width_in * factor**i) for i in range(1, count + 1)))
        return self


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
    head: str = "block"  # one of HEADS
    pooling: str = "average"  # one of POOLINGS: how each class's map becomes a logit
    dense_widths: tuple[int, ...] = DENSE_WIDTHS  # of the dense head's hidden layers

    def __post_init__(self) -> None:
        if self.pointwise is not None and not 0 <= self.pointwise <= 3:
            raise ValueError(f"pointwise is {self.pointwise}: a block takes 0 to 3 convolutions of 1×1")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: choose a probability from 0 up to, not including, 1")
        if self.head not in HEADS:
            raise ValueError(f"head is {self.head!r}: choose one of {', '.join(HEADS)}")
        if self.pooling not in POOLINGS:
            raise ValueError(f"pooling is {self.pooling!r}: choose one of {', '.join(POOLINGS)}")
        if not all(width > 0 for width in self.dense_widths):
            raise ValueError(f"dense_widths is {self.dense_widths}: choose positive numbers")

    @property
    def has_class_maps(self) -> bool:
        """Whether the last block makes one map for each class; behind dense layers there are none."""
        return self.head != "dense"

    @property
    def without_variation(self) -> Architecture:
        """The network that this is a variant of: what decides about the shapes of weights as its `stages` say."""
        return replace(self, pointwise=None, head="block", dense_widths=DENSE_WIDTHS)

    @property
    def built_stages(self) -> tuple[Block | Pool | Dropout, ...]:
        """The stages as the network has them, with `pointwise`, `dropout` and `head` applied; a dense head is none."""
        built = [self._built(stage) for stage in self.stages]
        *before, last = (place for place, stage in enumerate(built) if isinstance(stage, Block))
        if not self.has_class_maps:
            del built[last]
        elif self.head != "block":
            block, width_in = built[last], built[before[-1]].channels[-1] if before else 1
            built[last] = block.with_head(self.head, width_in)
        return tuple(built)

    @property
    def last_maps(self) -> tuple[int, int]:
        """Channels, and values a side, of what the built stages end with: what a dense head is given."""
        channels, side = 1, self.input_size
        for stage in self.built_stages:
            if isinstance(stage, Block):
                channels = stage.channels[-1]
                side = Window(stage.kernel_size, stage.stride, stage.padding).outputs(side)
            elif isinstance(stage, Pool):
                side = Window(stage.kernel_size, stage.stride, ceil_mode=stage.ceil_mode).outputs(side)
        return channels, side

    def _built(self, stage: Block | Pool | Dropout) -> Block | Pool | Dropout:
        if isinstance(stage, Block) and self.pointwise is not None:
            return stage.with_pointwise(self.pointwise)
        if isinstance(stage, Dropout) and self.dropout is not None:
            return Dropout(self.dropout)
        return stage

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the fields, each stage with its kind.

        What came later is only written where it says something: an earlier version then reads the rest.
        """
        stages = [{"kind": type(stage).__name__.lower(), **asdict(stage)} for stage in self.stages]
        usual = {field.name: field.default for field in fields(self) if field.name in _LATER}
        values = {name: value for name, value in asdict(self).items() if usual.get(name, _NOTHING) != value}
        return {**values, "stages": stages}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Architecture:
        values = {**fields, "stages": tuple(_stage_from_dict(stage) for stage in fields["stages"])}
        return cls(**values | {name: tuple(values[name]) for name in ("dense_widths",) if name in values})


_LATER = ("head", "pooling", "dense_widths")
_NOTHING = object()


def _stage_from_dict(fields: dict[str, Any]) -> Block | Pool | Dropout:
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return {"block": Block, "pool": Pool, "dropout": Dropout}[options.pop("kind")](**options)


@dataclass(frozen=True)
class Variant:
    """What is to be other than in a network as it is known by its name; None leaves it. SettingsError for what cannot be."""

    pointwise: int | None = None
    head: str | None = None
    pooling: str | None = None
    dense_widths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        low, high = POINTWISE_RANGE
        if self.pointwise is not None and self.pointwise not in range(low, high + 1):
            raise SettingsError(
                "pointwise is {value}: choose {low} to {high} convolutions of 1×1 in a block",
                value=self.pointwise,
                low=low,
                high=high,
            )
        for name, choices in (("head", HEADS), ("pooling", POOLINGS)):
            if (value := getattr(self, name)) is not None and value not in choices:
                raise SettingsError(
                    "{name} is {value!r}: choose one of {choices}", name=name, value=value, choices=", ".join(choices)
                )
        if self.dense_widths is not None and not all(1 <= width <= 16_384 for width in self.dense_widths):
            raise SettingsError("dense widths are {widths}: choose numbers from 1 to 16384", widths=self.dense_widths)
        if self.pooling == "max" and self.head == "dense":
            raise SettingsError("a dense head has no maps to pool: choose --pooling max or --head dense, not both")

    def of(self, architecture: Architecture) -> Architecture:
        """`architecture` with these changes."""
        return replace(architecture, **{name: value for name, value in vars(self).items() if value is not None})
