"""What was asked for on the Layers page stays as asked while a run trains on: the page as a script, and in a browser."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from bench.pages.browser import App, wait_until_idle
from nin.data import dataset
from nin.paths import ROOT
from nin.presets import PRESETS
from nin.storage.run import Run
from tests.browser.hands import choose
from tests.browser.layers.hands import RUN_NAME, no_errors, open_tool, seen_by
from tests.browser.live_run import LiveRun
from tests.training.tiny import TINY
from ui.base import resources
from ui.base.jobs import Job
from ui.base.request import Request
from ui.layers.tools import ablation, top_images

SECONDS = 60


@pytest.fixture
def training() -> LiveRun:
    return LiveRun(TINY.architecture)


@pytest.fixture
def script(training: LiveRun) -> AppTest:
    script = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/layers.py")
    script.session_state["weights"] = f"run:{training.run.id}"
    return script


def run(script: AppTest, until) -> None:
    """As the browser's timer does, again and again."""
    end = time.monotonic() + SECONDS
    script.run()
    while not until() and time.monotonic() < end:
        script.run()
    assert not script.exception
    assert not script.error
    assert until()


def test_a_measurement_stays_until_the_newest_is_asked_for(script, training, monkeypatch):
    steps = []
    accuracy_with = ablation.accuracy_with

    def counted(checkpoint, *arguments):
        steps.append(checkpoint.step)
        yield from accuracy_with(checkpoint, *arguments)

    monkeypatch.setattr(ablation, "accuracy_with", counted)
    script.session_state["layers_tool"] = "ablation"
    script.run()
    assert not script.metric
    script.button(key="ablation_measure").click()
    run(script, lambda: len(script.metric) == 2)
    for step in (2, 3, 4):
        training.save(step)
        run(script, lambda: len(script.metric) == 2)
    assert steps == [1]  # nothing is switched off: with and without are one and the same
    assert any("step 1." in caption.value for caption in script.caption)
    script.button(key="ablation_again").click()
    run(script, lambda: len(script.metric) == 2)
    assert steps == [1, 4]
    assert not any(button.key == "ablation_again" for button in script.button)


@pytest.fixture
def searched(monkeypatch) -> list[int]:
    """The steps of the weights that images were searched with, as it happens."""
    steps = []
    stored_search = top_images.stored_search

    def counted(checkpoint, model, images, path):
        steps.append(checkpoint.step)
        yield from stored_search(checkpoint, model, images[:300], path)

    monkeypatch.setattr(top_images, "stored_search", counted)
    return steps


def search(script: AppTest, button: str | None = None) -> None:
    if button:
        script.button(key=button).click()
    run(script, lambda: any("of the layer's" in text.value for text in script.markdown))


def test_a_search_stays_until_the_newest_is_asked_for(script, training, searched):
    script.run()
    search(script, "exciting_search")
    for step in (2, 3):
        training.save(step)
        search(script)
    assert searched == [1]
    search(script, "exciting_again")
    assert searched == [1, 3]


def test_another_data_set_is_searched_anew(script, searched, monkeypatch):
    script.run()
    search(script, "exciting_search")
    sample = dataset.load()
    backwards = dataset.Split(sample.train.images.flip(0), sample.train.labels.flip(0))
    monkeypatch.setattr(resources, "find_source", lambda: "another")
    monkeypatch.setattr(resources.data, "load", lambda: replace(sample, source="another", train=backwards))
    search(script)
    assert searched == [1, 1]


@pytest.mark.browser
def test_a_measurement_comes_to_its_end_while_weights_keep_coming(app: App, runs: dict[str, Run], layers: Page) -> None:
    page, training = layers, LiveRun(PRESETS["pocket"].architecture, app.runs / RUN_NAME.format("measured"))
    try:
        page.reload()
        wait_until_idle(page)
        choose(page, "weights", RUN_NAME.format("measured"))
        open_tool(page, "Ablation")
        page.locator(".st-key-ablation_measure button").click()
        points = page.locator(".st-key-ablation-accuracy").get_by_text("points")
        for step in range(2, 2 + SECONDS):
            training.save(step)
            page.wait_for_timeout(1000)
            if points.is_visible():
                break
        points.wait_for()
        expect(page.locator(".st-key-layer-tools")).to_contain_text(re.compile(r"weights of step \d+\."))
        said = page.locator(".st-key-ablation-accuracy").inner_text()
        training.save(100)
        expect(page.locator(".journey-bar.best b")).to_have_text(best_answer(100))
        assert page.locator(".st-key-ablation-accuracy").inner_text() == said
        page.locator(".st-key-ablation_again button").click()
        expect(page.locator(".st-key-ablation_again")).to_have_count(0)
        points.wait_for()
        no_errors(page)
    finally:
        training.end()


def best_answer(step: int) -> str:
    return f"{seen_by('pocket', step).features.logits.softmax(1).max():.1%}"


class Slow:
    """Work of two parts, the second of which has to be let through."""

    def __init__(self) -> None:
        self.begun, self.through = 0, threading.Event()

    def __call__(self):
        self.begun += 1
        yield 0.5, "half"
        self.through.wait(SECONDS)
        yield 1.0, "whole"


def wait_until(is_so) -> None:
    end = time.monotonic() + SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


def test_a_new_request_gives_up_the_one_before_it():
    first, second = (Job(Slow()) for _ in range(2))
    visitor = Request()
    visitor.follow(first)
    visitor.follow(first)  # as each redraw of the page does
    wait_until(lambda: first.latest == "half")
    visitor.follow(second)
    first._work.through.set()
    second._work.through.set()
    wait_until(lambda: second.is_done)
    assert second.latest == "whole"
    assert (first.latest, first.is_done, first._work.begun) == ("half", False, 1)
    visitor.follow(first)  # it begins anew
    wait_until(lambda: first.is_done)
    assert first._work.begun == 2


def test_a_job_that_another_visitor_waits_for_goes_on():
    job, other = Job(Slow()), Job(Slow())
    visitors = Request(), Request()
    for visitor in visitors:
        visitor.follow(job)
    visitors[0].follow(other)
    job._work.through.set()
    wait_until(lambda: job.is_done)
    assert (job.latest, job._work.begun) == ("whole", 1)
    other._work.through.set()
