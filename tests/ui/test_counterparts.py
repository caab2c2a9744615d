"""Side by side and time-lapse show, of another network, the layer that does the same; or say that there is none."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.run import Run, RunConfig


def tool(name: str, weights: str, index: str) -> None:
    """A page with one tool, about a layer of shipped weights."""
    from nin.explain.channels import colour_ranges, statistics
    from nin.storage.weights import find_weights
    from ui.base.item import item_from_test_set
    from ui.layers.maps import OpenLayer
    from ui.layers.subject import look
    from ui.layers.tools.menu import TOOLS

    subject = look(item_from_test_set(9), find_weights(weights))
    maps = subject.maps(index)
    found = statistics(maps)
    TOOLS[name](subject, OpenLayer(index, maps, found, colour_ranges(found, "layer", (0, 0))), 0)


def opened(name: str, weights: str, index: str) -> AppTest:
    return AppTest.from_function(tool, default_timeout=60, args=(name, weights, index)).run()


def said(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(element.value for element in (*page.markdown, *page.caption, *page.info))


@pytest.fixture
def run() -> Run:
    """Of classic-112, with one checkpoint."""
    run = Run.create(RunConfig(preset="classic-112"))
    model = initialise(NiN(PRESETS["classic-112"].architecture), "he", seed=0)
    save_checkpoint(Checkpoint(model.architecture, model.state_dict(), "classic-112", True), run.checkpoint_path(0))
    return run


def test_side_by_side_class_maps_stand_beside_class_maps():
    page = opened("compare", "pocket", "5")
    page.selectbox(key="compare_weights").set_value("shipped:classic-112").run()
    assert "5 · NiN block 10 @ 3×3" in said(page)
    assert "7 · NiN block 10 @ 3×3" in said(page)


def test_side_by_side_says_that_the_other_network_has_no_such_layer():
    page = opened("compare", "classic-112", "1")
    page.selectbox(key="compare_weights").set_value("shipped:pocket").run()
    assert "no layer like 1 · Max-pool 3×3, stride 2" in said(page)


def test_time_lapse_replays_the_counterpart_and_names_both(run):
    page = opened("timelapse", "pocket", "2")
    assert "this is its 3 · Max-pool 3×3, stride 2" in said(page)
    assert "the counterpart of 2 · Max-pool 3×3, stride 2" in said(page)
    page = opened("timelapse", "pocket", "0.0")
    assert "this is its 0.0 · 11×11 convolution, stride 4" in said(page)


def test_time_lapse_says_that_the_run_has_no_such_layer():
    run = Run.create(RunConfig(preset="pocket"))
    model = NiN(PRESETS["pocket"].architecture)
    save_checkpoint(Checkpoint(model.architecture, model.state_dict(), "pocket", True), run.checkpoint_path(0))
    assert "no layer like 1 · Max-pool 3×3, stride 2" in said(opened("timelapse", "classic-112", "1"))
