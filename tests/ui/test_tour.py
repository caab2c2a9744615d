"""The tour: begun, walked by doing each step, left and taken up again; and what each page says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import ROOT, runs_directory
from nin.process import speed
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from ui.base.item import Item
from ui.base.text import dictionary
from ui.layers.place import Place
from ui.tour.guide import CHAPTERS


@pytest.fixture(autouse=True)
def measured() -> None:
    speed.record("cpu", "pocket", 2000.0)


def opened(script: str = "app.py", **address: str) -> AppTest:
    tab = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for name, part in address.items():
        tab.query_params[name] = part
    return tab.run() if script == "app.py" else tab.switch_page(script).run()


def told(tab: AppTest) -> str:
    return "\n".join(element.value for element in (*tab.markdown, *tab.caption, *tab.success))


def keys(tab: AppTest) -> set[Any]:
    return {button.key for button in tab.button}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_says_what_it_shows_and_where_the_chapter_is(language: str) -> None:
    tab = opened("pages/anatomy.py", lang=language)
    assert not tab.exception
    assert dictionary(language)["tour.about_anatomy"] in told(tab)
    assert all(chapter in told(tab) for chapter in CHAPTERS.values())


def test_the_tour_is_walked_by_doing_each_step() -> None:
    run = Run.create(RunConfig(preset="pocket"), runs_directory() / "mine")
    write_json(run.path / "status.json", {"state": "done", "step": 0, "diagnosis": None})
    tab = opened(run="mine")
    assert "step 1 of 4" not in told(tab)
    tab.button(key="tour-start").click().run()
    assert "step 1 of 4" in told(tab)
    assert tab.button(key="tour-next-1").label == "Skip this step"
    assert tab.session_state["address_parts"]["tour"] == {"tour": "1"}

    write_json(run.path / "status.json", {"state": "done", "step": 5, "diagnosis": None})
    tab.run()
    assert "It learns." in told(tab)
    assert tab.button(key="tour-next-1").label == "Next: draw"
    tab.button(key="tour-next-1").click().run()
    assert not tab.exception
    assert tab.title[0].value == "Classify"
    assert "step 2 of 4" in told(tab)

    pixels = bytes(300) + bytes([255]) * 200 + bytes(284)
    tab.session_state["item"] = Item(pixels, "drawing", "")
    tab.run()
    tab.button(key="tour-next-2").click().run()
    assert "step 3 of 4" in told(tab)
    tab.session_state["layers_place"] = Place(layer="2", initial_layer="2")
    tab.run()
    tab.button(key="tour-next-3").click().run()
    assert "step 4 of 4" in told(tab)
    assert "tour-finish" not in keys(tab)
    tab.session_state["ablation_bypass"] = ["0.2"]
    tab.run()
    tab.button(key="tour-finish").click().run()
    assert not tab.exception
    assert "of 4" not in told(tab)
    assert tab.button(key="tour-start").label == "Guided tour"


def test_a_tour_that_was_left_is_taken_up_where_it_was_also_after_a_reload() -> None:
    tab = opened(tour="2")
    assert "step 2 of 4" in told(tab)
    assert {"tour-there", "tour-next-2", "tour-leave"} <= keys(tab)
    tab.button(key="tour-leave").click().run()
    assert "of 4" not in told(tab)
    assert tab.session_state["address_parts"]["tour"] == {}
    assert tab.button(key="tour-start").label == "Go on with the tour"
    tab.button(key="tour-start").click().run()
    assert "step 2 of 4" in told(tab)
    tab.button(key="tour-there").click().run()
    assert tab.title[0].value == "Classify"


@pytest.mark.parametrize("tour", ["0", "5", "many"])
def test_an_address_with_no_such_step_begins_no_tour(tour: str) -> None:
    tab = opened("pages/anatomy.py", tour=tour)
    assert not tab.exception
    assert "of 4" not in told(tab)
