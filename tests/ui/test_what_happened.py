"""What happened to a run is told in terms of what the visitor did and of controls that exist."""

from __future__ import annotations

import pytest

from nin.presets import RECIPES
from nin.storage.run import RunConfig
from nin.training.diagnosis import Diagnosis, RateChange
from nin.training.records import loss_text
from ui.train.what_happened import _advice, _story

RAISED = RateChange(83, 0.004, 0.04, 0.004)
EXPLODED = Diagnosis("exploded", 85, "guessing", 120, 0.04, 0.97, 430.0, RAISED)


@pytest.mark.parametrize(("is_own", "who"), [(True, "you raised the learning rate"), (False, "the learning rate was")])
def test_an_explosion_names_the_change_that_led_to_it(is_own: bool, who: str) -> None:
    story = " ".join(_story(EXPLODED, is_own=is_own))
    assert f"At step 83 {who}" in story
    assert "from 0.004 to 0.04" in story
    assert "exploded at step 85: from 0.97 to 430" in story
    assert "only guesses now" in story


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Diagnosis("exploded", 61, "not-a-number", 60, 0.5, 1.2, None), "from 1.2 to infinity"),
        (Diagnosis("forgot", 700, "guessing", 730, 0.002, 0.97, 2.303), "had come down to 0.97"),
        (Diagnosis("flat", 0, "guessing", 60, 0.1, None, 2.303), "has not begun to learn. Some recipes need"),
        (Diagnosis("short", 0, "guessing", 10, 0.1, None, 2.29), "ended at step 10"),
        (Diagnosis("exploded", 61, "learning", 400, 0.5, 1.2, 50.0), "learns again"),
    ],
)
def test_each_way_to_fail_has_its_story(found: Diagnosis, words: str) -> None:
    assert words in " ".join(_story(found, is_own=True))


def test_a_loss_of_any_size_is_a_short_number() -> None:
    assert [loss_text(loss) for loss in (0.4321, 2.302585, 999.9, 1976268796834349056.0)] == [
        "0.432", "2.303", "999.900", "2.0e18",
    ]  # fmt: skip
    found = Diagnosis("exploded", 61, "exploded", 400, 0.5, 1.2, 1976268796834349056.0)
    assert "from 1.2 to 2.0e18" in " ".join(_story(found, is_own=True))


@pytest.mark.parametrize(
    ("recipe", "lr", "words"),
    [
        ("book-sgd", 10.0, "near 0.1"),
        ("book-sgd", 0.1, "recipe *tuned*"),
        ("tuned", 0.004, "another seed"),
    ],
)
def test_the_advice_for_a_flat_run_is_a_control_of_the_sidebar(recipe: str, lr: float, words: str) -> None:
    assert recipe in RECIPES
    found = Diagnosis("flat", 0, "guessing", 300, lr, None, 2.303)
    assert words in _advice(found, RunConfig(preset="pocket", recipe=recipe, lr=lr))
