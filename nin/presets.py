"""The networks and the recipes, as two tables.

A *preset* is a network; a *recipe* is a way to train one. Every number the program states
names both, since the same network ends at quite different accuracies under different recipes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nin.errors import SettingsError
from nin.model.architecture import INITIALISATIONS, Architecture, Block, Dropout, Pool

LR_RANGE = (1e-6, 10.0)
EPOCHS_RANGE = (1, 1000)
BATCH_SIZE_RANGE = (1, 4096)
SHARE_RANGE = (0.0, 0.99)
OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "one-cycle")  # each has a shape in nin.training.schedule
AUGMENTATIONS = ("none", "flip", "flip-shift", "flip-sketch")  # each has a function in nin.data.augment


@dataclass(frozen=True)
class Preset:
    """A network with a name."""

    name: str
    architecture: Architecture
    about: str


@dataclass(frozen=True)
class Recipe:
    """How to train: everything but the network, the data and the seed."""

    name: str
    about: str
    optimizer: str  # one of OPTIMIZERS
    lr: float  # learning rate; its peak where the schedule has one
    epochs: int
    batch_size: int = 128
    init: str = "default"  # one of nin.model.architecture.INITIALISATIONS
    lr_for: Mapping[str, float] = field(default_factory=dict, hash=False)  # by preset, for networks that want another
    schedule: str = "constant"  # one of SCHEDULES
    momentum: float = 0.0  # SGD only
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    augment: str = "none"  # one of AUGMENTATIONS
    drawings: float = 0.0  # share of the training images that are bundled drawings (nin.data.drawings)
    logit_head: bool = False  # drop the last ReLU
    normalise: bool = False  # subtract the training pixels' mean, divide by their deviation
    dropout: float | None = None  # replaces the network's own probability

    def __post_init__(self) -> None:
        for lr in (self.lr, *self.lr_for.values()):
            check_range("lr", lr, LR_RANGE)
        check_range("epochs", self.epochs, EPOCHS_RANGE)
        check_range("batch_size", self.batch_size, BATCH_SIZE_RANGE)
        check_range("weight_decay", self.weight_decay, (0.0, 1.0))
        for name in ("momentum", "label_smoothing", "drawings"):
            check_range(name, getattr(self, name), SHARE_RANGE)
        if self.dropout is not None:
            check_range("dropout", self.dropout, SHARE_RANGE)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_choice("init", self.init, INITIALISATIONS)
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("augment", self.augment, AUGMENTATIONS)


def check_range(name: str, value: float, bounds: tuple[float, float]) -> None:
    """Raise SettingsError unless `value` is a number within `bounds`, both ends included."""
    low, high = bounds
    # `not (low <= value <= high)` also catches NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not (low <= value <= high):
        raise SettingsError(
            "{name} is {value!r}: choose a number from {low:g} to {high:g}", name=name, value=value, low=low, high=high
        )


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise SettingsError unless `value` is one of `choices`."""
    if value not in choices:
        raise SettingsError(
            "{name} is {value!r}: choose one of {choices}", name=name, value=value, choices=", ".join(choices)
        )


_CLASSIC = Architecture(
    input_size=224,
    stages=(
        Block((96, 96, 96), kernel_size=11, stride=4),
        Pool(),
        Block((256, 256, 256), kernel_size=5, padding=2),
        Pool(),
        Block((384, 384, 384), kernel_size=3, padding=1),
        Pool(),
        Dropout(0.5),
        Block((10, 10, 10), kernel_size=3, padding=1),
    ),
)

_PAPER = Architecture(
    input_size=28,
    stages=(
        Block((192, 160, 96), kernel_size=5, padding=2),
        Pool(ceil_mode=True),
        Dropout(0.5),
        Block((192, 192, 192), kernel_size=5, padding=2),
        Pool("average", ceil_mode=True),
        Dropout(0.5),
        Block((192, 192, 10), kernel_size=3, padding=1),
    ),
)

_POCKET = Architecture(
    input_size=28,
    stages=(
        Block((48, 48, 48), kernel_size=5, stride=2, padding=2),
        Block((96, 96, 96), kernel_size=3, padding=1),
        Pool(),
        Block((128, 128, 128), kernel_size=3, padding=1),
        Dropout(0.2),
        Block((64, 64, 10), kernel_size=3, padding=1),
    ),
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("classic", _CLASSIC, "the book's network, 224 px: right for a GPU"),
        Preset(
            "classic-112",
            replace(_CLASSIC, input_size=112),
            "the book's network fed 112 px: a fifth of the work",
        ),
        Preset("paper", _PAPER, "Lin et al. 2013, their CIFAR network on 28 px"),
        Preset("pocket", _POCKET, "a small NiN at 28 px: an epoch in under a minute on two CPU cores"),
    )
}

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "tuned",
            "what this lab found to work best",
            optimizer="adamw",
            lr=2e-3,
            lr_for={"pocket": 4e-3},
            epochs=5,
            init="he-identity",
            schedule="one-cycle",
            weight_decay=0.02,
            label_smoothing=0.05,
            augment="flip",
            logit_head=True,
            normalise=True,
        ),
        Recipe(
            "sketch-aware",
            "for what people draw and bring: drawings among the photos, photos rendered as drawings",
            optimizer="adamw",
            lr=4e-3,
            epochs=15,
            init="he",
            schedule="one-cycle",
            weight_decay=0.02,
            label_smoothing=0.05,
            augment="flip-sketch",
            drawings=0.25,
            logit_head=True,
            normalise=True,
        ),
        Recipe(
            "book-adam",
            "the chapter in Dive-into-DL-PyTorch, section 5.8: Adam 0.002, five epochs",
            optimizer="adam",
            lr=2e-3,
            epochs=5,
        ),
        Recipe(
            "book-sgd",
            "the chapter's slides: SGD 0.1, Xavier, ten epochs",
            optimizer="sgd",
            lr=0.1,
            epochs=10,
            init="xavier",
        ),
    )
}


def preset_named(name: str) -> Preset:
    if name not in PRESETS:
        raise SettingsError(
            "there is no preset {name!r}: choose one of {choices}", name=name, choices=", ".join(PRESETS)
        )
    return PRESETS[name]


def recipe_named(name: str, preset: Preset) -> Recipe:
    """The recipe called `name`, with the learning rate that suits `preset`."""
    if name not in RECIPES:
        raise SettingsError(
            "there is no recipe {name!r}: choose one of {choices}", name=name, choices=", ".join(RECIPES)
        )
    recipe = RECIPES[name]
    return replace(recipe, lr=recipe.lr_for.get(preset.name, recipe.lr))


def architecture_for(preset: Preset, recipe: Recipe) -> Architecture:
    """The preset's network with what the recipe changes in it: its head and its dropout."""
    return replace(preset.architecture, logit_head=recipe.logit_head, dropout=recipe.dropout)
