"""The Train page of somebody who has not trained anything yet."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import ROOT, runs_directory
from nin.process import speed
from nin.process.launcher import Launcher
from nin.storage.run import Run, RunConfig
from ui.welcome.view import STORED


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)
    monkeypatch.setattr(Launcher, "start", lambda self, run: None)
    speed.record("cpu", "pocket", 2000.0)
    return AppTest.from_file(ROOT / "app.py", default_timeout=60)


def buttons(tab: AppTest) -> set[str | None]:
    return {button.key for button in tab.main.button}


def headers(tab: AppTest) -> list[str]:
    return [header.value for header in tab.main.header]


def test_there_is_a_start_the_network_and_a_run_that_is_said_to_be_stored(tab: AppTest) -> None:
    tab.run()
    assert "start-here" in buttons(tab)
    assert headers(tab) == ["The network of the book", "A run to look at"]
    last = STORED.metrics()[-1]
    told = next(caption.value for caption in tab.main.caption if caption.value.startswith("Stored"))
    assert f"after {last['epoch']} epochs {last['test_accuracy']:.1%} of the {last['test_n']:,} test images" in told


def test_the_start_of_the_page_starts_what_the_sidebar_shows(tab: AppTest) -> None:
    tab.run()
    tab.button(key="start-here").click().run()
    (config,) = runs_directory().glob("*/config.json")
    assert Run(config.parent).config().preset == "pocket"
    assert headers(tab) == ["Loss", "Accuracy", "Runs"]  # the curves are the visitor's own now
    assert "start-here" not in buttons(tab)


def test_where_there_are_runs_theirs_are_the_curves(tab: AppTest) -> None:
    Run.create(RunConfig(preset="pocket"), runs_directory() / "20200101-101112-pocket-aaaa").steer(stop=True)
    (runs_directory() / "20200101-101112-pocket-aaaa" / "status.json").write_text('{"state": "stopped"}')
    tab.run()
    assert headers(tab) == ["The network of the book", "Loss", "Accuracy", "Runs"]


def test_the_stored_run_is_read_as_any_other() -> None:
    assert STORED.state == "done"
    assert STORED.config().preset == "pocket"
    assert STORED.metrics()[-1]["kind"] == "epoch"
