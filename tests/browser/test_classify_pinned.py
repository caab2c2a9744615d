"""The Classify page as a script, with the weights of a run that trains on and deletes its checkpoints behind it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from nin.data import dataset
from nin.paths import ROOT
from tests.browser.live_run import LiveRun
from tests.training.tiny import TINY
from ui.base import pinned, resources
from ui.classify import batch, confusion_explorer, neighbours

FEW = 60  # test images are enough here


@pytest.fixture
def training() -> LiveRun:
    return LiveRun(TINY.architecture)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps of the weights that test images were measured with, as it happens."""
    steps = []

    def evaluate(checkpoint, split, engine):
        steps.append(checkpoint.step)
        few = split.first(FEW)
        return evaluated(checkpoint, few, engine)

    evaluated = confusion_explorer.evaluate
    monkeypatch.setattr(confusion_explorer, "evaluate", evaluate)
    return steps


@pytest.fixture
def page(training: LiveRun, measured: list[int]) -> Iterator[AppTest]:
    page = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/classify.py")
    page.session_state["weights"] = f"run:{training.run.id}"
    page.session_state["classify_deeper"] = "test"
    page.run()
    assert_no_error(page)
    yield page
    pinned._held.clear()


def picture(number: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(dataset.load().test.images[number].numpy()).save(content, "PNG")
    return content.getvalue()


def assert_no_error(page: AppTest) -> None:
    assert not page.exception
    assert not page.error


def test_what_was_measured_stays_until_the_newest_is_asked_for(page, training, measured):
    for step in (2, 3, 4):
        training.save(step)
        page.run()
        assert_no_error(page)
    assert measured == [1]
    page.button(key="classify_measure").click().run()
    assert_no_error(page)
    assert measured == [1, 4]


def test_neighbours_stay_with_their_weights(page, training, monkeypatch):
    seen = []
    of = neighbours.Neighbours.of

    def few(checkpoint, network, split, engine):
        seen.append(checkpoint.step)
        return of(checkpoint, network, split.first(FEW), engine)

    monkeypatch.setattr(neighbours.Neighbours, "of", few)
    page.session_state["classify_deeper"] = "nearest"
    for step in (2, 3):
        training.save(step)
        page.run()
        assert_no_error(page)
    assert seen == [1]


def test_weights_that_nobody_holds_any_more_make_way_for_the_newest(page, training, measured):
    training.save(2)
    pinned._held.clear()
    page.run()
    assert_no_error(page)
    assert measured == [1, 2]


def test_a_list_of_files_stays_with_its_weights(page, training, monkeypatch):
    shown = []
    monkeypatch.setattr(batch, "_list", lambda rows: shown.append([answer for _, answer, _ in rows]))
    files = [(f"{number}.png", picture(number), "image/png") for number in (1, 2)]
    page.file_uploader(key="classify_upload").set_value(files).run()
    before = shown[-1]
    assert len(before) == 2
    assert None not in before
    training.save(2)
    page.run()
    assert_no_error(page)
    assert shown[-1] == before
    page.button(key="classify_many_again").click().run()
    assert_no_error(page)
    assert shown[-1] != before


def test_another_data_set_is_measured_anew_and_a_test_image_keeps_its_pixels(page, training, measured, monkeypatch):
    item = page.session_state["item"]
    sample = dataset.load()
    backwards = dataset.Split(sample.test.images.flip(0), sample.test.labels.flip(0))
    full = replace(sample, source="other", test=backwards)
    monkeypatch.setattr(resources, "find_source", lambda: "other")
    monkeypatch.setattr(resources.data, "load", lambda: full)
    page.run()
    assert_no_error(page)
    assert measured == [1, 1]
    now = page.session_state["item"]
    assert now.pixels == item.pixels
    assert torch.equal(backwards.images[int(now.name)], item.tensor())
    assert now.name != item.name
