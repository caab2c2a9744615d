"""The Classify page as a script, with the weights of a run that trains on and deletes its checkpoints behind it."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from nin.data import dataset
from nin.engine.evaluate import Evaluation
from nin.paths import ROOT
from tests.browser.live_run import LiveRun
from tests.running import wait_until
from tests.training.tiny import TINY
from ui.base import resources
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

    evaluated = confusion_explorer.evaluate_in_parts
    monkeypatch.setattr(confusion_explorer, "evaluate_in_parts", evaluate)
    return steps


@pytest.fixture
def page(training: LiveRun, measured: list[int]) -> AppTest:
    page = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/classify.py")
    page.session_state["weights"] = f"run:{training.run.id}"
    page.session_state["classify_deeper"] = "test"
    run(page)
    return page


def run(page: AppTest) -> None:
    """Until what is computed behind the page is there; a browser would come back for it by itself."""
    wait_until(lambda: not page.run().get("progress"))
    assert_no_error(page)


def picture(number: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(dataset.load().test.images[number].numpy()).save(content, "PNG")
    return content.getvalue()


def assert_no_error(page: AppTest) -> None:
    assert not page.exception
    assert not page.error


def test_headings_leave_no_level_out(page, heading_gaps):
    assert heading_gaps(page) == []
    assert len(page.header) == 3


def test_what_was_measured_stays_until_the_newest_is_asked_for(page, training, measured):
    for step in (2, 3, 4):
        training.save(step)
        run(page)
    assert measured == [1]
    page.button(key="test_again").click()
    run(page)
    assert measured == [1, 4]


def test_neighbours_stay_with_their_weights(page, training, monkeypatch):
    seen = []
    find = neighbours.find_neighbours

    def few(checkpoint, network, split, engine):
        seen.append(checkpoint.step)
        return find(checkpoint, network, split.first(FEW), engine)

    monkeypatch.setattr(neighbours, "find_neighbours", few)
    page.session_state["classify_deeper"] = "nearest"
    for step in (2, 3):
        training.save(step)
        run(page)
    assert seen == [2]  # the newest when the tool was opened


def test_a_page_that_is_drawn_never_waits_for_what_is_computed_behind_it(page, training, monkeypatch):
    """The answer to a stroke comes while test images are measured, and the measurement says how far it is."""
    go_on = threading.Event()

    def slowly(checkpoint, split, engine):
        for part in (500, 2000):
            yield Evaluation(torch.eye(10)[split.labels[:part]], split.labels[:part])
            assert go_on.wait(60)

    monkeypatch.setattr(confusion_explorer, "evaluate_in_parts", slowly)
    training.save(2)
    page.run()
    page.button(key="test_again").click().run()
    wait_until(lambda: "25%" in page.run().get("progress")[0].proto.text)
    assert_no_error(page)
    before = page.session_state["item"]
    page.button(key="classify_random").click().run()
    assert page.session_state["item"] != before
    assert page.get("progress")
    go_on.set()
    run(page)
    assert not page.get("progress")
    assert any("100.0%" in text.value for text in page.markdown)


def test_a_list_of_files_stays_with_its_weights(page, training, monkeypatch):
    shown = []
    monkeypatch.setattr(batch, "_list", lambda rows: shown.append([answer for _, answer, _ in rows]))
    files = [(f"{number}.png", picture(number), "image/png") for number in (1, 2)]
    page.file_uploader(key="classify_upload").set_value(files).run()
    before = shown[-1]
    assert len(before) == 2
    assert None not in before
    training.save(2)
    run(page)
    assert shown[-1] == before
    page.button(key="many_again").click()
    run(page)
    assert shown[-1] != before


def test_another_data_set_is_measured_anew_and_a_test_image_keeps_its_pixels(page, training, measured, monkeypatch):
    item = page.session_state["item"]
    sample = dataset.load()
    backwards = dataset.Split(sample.test.images.flip(0), sample.test.labels.flip(0))
    full = replace(sample, source="other", test=backwards)
    monkeypatch.setattr(resources, "find_source", lambda: "other")
    monkeypatch.setattr(resources.data, "load", lambda: full)
    run(page)
    assert measured == [1, 1]
    now = page.session_state["item"]
    assert now.pixels == item.pixels
    assert torch.equal(backwards.images[int(now.name)], item.tensor())
    assert now.name != item.name
