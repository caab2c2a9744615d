"""Weights that a visitor brings: to look at on Classify and Layers, and to go on training from."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from nin.model.network import NiN, initialise
from nin.paths import ROOT, runs_directory
from nin.presets import PRESETS
from nin.process import speed
from nin.storage.brought_weights import bring, brought_weights
from nin.storage.checkpoint import Checkpoint, checkpoint_file
from nin.storage.run import Run, RunConfig

Tab = Callable[..., AppTest]


@pytest.fixture
def opened() -> Tab:
    speed.record("cpu", "pocket", 2000.0)
    speed.record("cpu", "classic", 20.0)

    def opened(script: str = "app.py", **address: str) -> AppTest:
        tab = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        for name, part in address.items():
            tab.query_params[name] = part
        return tab.run() if script == "app.py" else tab.switch_page(script).run()

    return opened


def pocket(*, logit_head: bool = True) -> bytes:
    from dataclasses import replace

    architecture = replace(PRESETS["pocket"].architecture, logit_head=logit_head)
    return checkpoint_file(
        Checkpoint(architecture, initialise(NiN(architecture), "he", 0).state_dict(), "pocket", normalise=logit_head)
    )


def book_params() -> bytes:
    file = io.BytesIO()
    torch.save(initialise(NiN(PRESETS["classic"].architecture), "xavier", 0).state_dict(), file)
    return file.getvalue()


def uploader(tab: AppTest, place: str) -> Any:
    (found,) = (one for one in tab.file_uploader if one.key == f"bring-weights-file-{place}")
    return found


def control(tab: AppTest, name: str) -> Any:
    widgets = (*tab.sidebar.selectbox, *tab.sidebar.number_input)
    (found,) = (one for one in widgets if re.fullmatch(rf"{name}-\d+", one.key))
    return found


@pytest.mark.parametrize("script", ["pages/classify.py", "pages/layers.py"])
def test_what_is_brought_answers_at_once(opened: Tab, script: str) -> None:
    tab = opened(script)
    uploader(tab, "page").set_value(("mine.safetensors", pocket(), "application/octet-stream")).run()
    assert not tab.exception
    assert not tab.error
    (name,) = brought_weights()
    assert tab.session_state["weights"] == f"brought:{name}"
    box = next(box for box in tab.selectbox if box.key == "weights")
    assert any(f"{name} (brought, pocket)" in option for option in box.options)


def test_what_is_no_use_is_said_and_changes_nothing(opened: Tab) -> None:
    tab = opened("pages/classify.py")
    before = tab.session_state["weights"]
    uploader(tab, "page").set_value(("notes.params", b"not weights", "application/octet-stream")).run()
    assert not tab.exception
    assert any("notes" in error.value and "damaged" in error.value for error in tab.error)
    assert tab.session_state["weights"] == before


def test_the_next_run_starts_from_what_was_brought(opened: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nin.process.launcher.Launcher.start", lambda self, run: None)
    tab = opened()
    assert "" in [control(tab, "start_from").value]
    uploader(tab, "sidebar").set_value(("nin.params", book_params(), "application/octet-stream")).run()
    assert not tab.exception
    (name,) = brought_weights()
    assert (control(tab, "preset").value, control(tab, "start_from").value) == ("classic", name)
    assert any("book-adam, book-sgd" in caption.value.replace("\\", "") for caption in tab.sidebar.caption)
    control(tab, "recipe").set_value("book-sgd").run()
    assert not any("Made for them" in caption.value for caption in tab.sidebar.caption)
    tab.button(key="start").click().run()
    (config,) = (Run(path.parent).config() for path in runs_directory().glob("*/config.json"))
    assert (config.preset, config.recipe, config.weights) == ("classic", "book-sgd", name)


def test_weights_of_another_network_are_not_offered_and_another_network_lets_go_of_them(opened: Tab) -> None:
    name = bring("mine.safetensors", pocket())
    tab = opened(preset="pocket", start_from=name)
    box = control(tab, "start_from")
    assert box.value == name
    assert set(box.options) == {"fresh weights", "pocket", "pocket-sketch", name}
    control(tab, "preset").set_value("paper").run()
    assert (control(tab, "start_from").value, control(tab, "start_from").options) == ("", ["fresh weights"])
    assert not tab.exception


def test_a_run_that_began_with_a_file_elsewhere_says_so(opened: Tab) -> None:
    run = Run.create(RunConfig(preset="pocket", weights="/elsewhere/first.params"), runs_directory() / "from-a-file")
    tab = opened(run=run.id)
    assert not tab.exception
    assert control(tab, "start_from").value == "/elsewhere/first.params"
