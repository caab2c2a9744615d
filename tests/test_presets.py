"""The two tables, networks and recipes: what cannot be is refused where it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nin.data.augment import AUGMENTATIONS as AUGMENT_FUNCTIONS
from nin.errors import SettingsError
from nin.model.architecture import INITIALISATIONS
from nin.model.network import INITIALISERS
from nin.presets import AUGMENTATIONS, PRESETS, RECIPES, SCHEDULES, recipe_named
from nin.training.schedule import SHAPES


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("schedule", "one_cycle", "choose one of constant, one-cycle"),
        ("augment", "flips", "choose one of none, flip, flip-shift, flip-sketch"),
        ("optimizer", "lion", "choose one of adam, adamw, sgd"),
        ("init", "kaiming", "choose one of default, xavier, he, he-identity"),
        ("lr", 100, "choose a number from 1e-06 to 10"),
        ("lr_for", {"pocket": 100}, "lr is 100: choose a number"),
        ("momentum", 1.5, "choose a number from 0 to 0.99"),
        ("label_smoothing", -0.1, "choose a number from 0 to 0.99"),
        ("drawings", 1.0, "choose a number from 0 to 0.99"),
        ("dropout", 1, "choose a number from 0 to 0.99"),
        ("weight_decay", float("nan"), "choose a number from 0 to 1"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_where_it_is_made(setting: str, value: object, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        replace(RECIPES["tuned"], **{setting: value})


def test_what_a_recipe_may_name_is_there() -> None:
    assert set(SCHEDULES) == set(SHAPES)
    assert set(AUGMENTATIONS) == set(AUGMENT_FUNCTIONS)
    assert set(INITIALISATIONS) == set(INITIALISERS)


def test_a_networks_own_learning_rate_stands_in_the_recipe() -> None:
    rates = {name: recipe_named("tuned", preset).lr for name, preset in PRESETS.items()}
    assert rates == {"classic": 2e-3, "classic-112": 2e-3, "paper": 2e-3, "pocket": 4e-3}
    assert recipe_named("book-sgd", PRESETS["pocket"]).lr == 0.1
    for recipe in RECIPES.values():
        assert set(recipe.lr_for) <= set(PRESETS)
