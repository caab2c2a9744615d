"""The sidebar as a script: what it says of a run and of the next one, and what its controls do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import ROOT, runs_directory
from nin.process import speed
from nin.process.launcher import Launcher
from nin.storage.run import Run, RunConfig
from nin.training.diagnosis import Diagnosis
from tests.ui.tabs import tell, train_page
from ui.train import actions

Tab = Callable[..., AppTest]


@pytest.fixture
def open_tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    """A tab on the Train page, on a server that starts no process."""
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)
    speed.record("cpu", "pocket", 2000.0)
    return train_page


def pocket_run(name: str, **config: object) -> Run:
    return Run.create(RunConfig(preset="pocket", **config), runs_directory() / name)


def control(tab: AppTest, name: str) -> Any:
    """The widget that moves the setting `name` now."""
    (found,) = (
        one
        for one in (*tab.sidebar.select_slider, *tab.sidebar.number_input, *tab.sidebar.selectbox)
        if re.fullmatch(rf"{name}-\d+", one.key)
    )
    return found


def address_of(tab: AppTest) -> dict[str, str]:
    return tab.session_state["address_parts"]["sidebar"]


def said(tab: AppTest) -> str:
    elements = (*tab.sidebar.caption, *tab.sidebar.markdown, *tab.sidebar.warning, *tab.sidebar.error)
    return "\n".join(element.value.replace("\\", "") for element in elements)


def test_what_is_changed_from_the_recipe_is_said_with_a_way_back(open_tab: Tab) -> None:
    tab = open_tab()
    assert "Changed from" not in said(tab)
    control(tab, "lr").set_value(0.01)
    control(tab, "batch_size").set_value(64).run()
    assert "Changed from *tuned*: learning rate 0.01 (recipe: 0.004), batch size 64 (recipe: 128)." in said(tab)
    tab.button(key="back_to_recipe").click().run()
    assert (control(tab, "lr").value, control(tab, "batch_size").value) == (0.004, 128)
    assert "Changed from" not in said(tab)


def test_the_sample_can_be_chosen_and_is_the_first_that_is_faster(
    open_tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIN_DATA", str(ROOT))  # a directory that was named: taken for the full set until it is read
    tab = open_tab()
    control(tab, "epochs").set_value(100).run()
    assert [button.key for button in tab.button if button.key.startswith("use_")] == ["use_sample"]
    assert "sample of 10,000: 8 min" in tab.button(key="use_sample").label
    tab.button(key="use_sample").click().run()
    assert control(tab, "images").value == "sample"
    assert "About **8 min" in said(tab)
    monkeypatch.setattr(Launcher, "start", lambda self, run: None)
    tab.button(key="start").click().run()
    assert Run(next(runs_directory().glob("*/config.json")).parent).config().data == "sample"


def test_an_estimate_says_how_sure_it_is(open_tab: Tab) -> None:
    (runs_directory() / "speed.json").unlink()
    speed.record("cpu", "pocket", 20.0, is_sure=False)
    tab = open_tab()
    assert "At most about" in said(tab)
    speed.record("cpu", "pocket", 2000.0)
    tab.run()
    assert "At most about" not in said(tab)


def test_another_visitors_run_is_said_to_be_that_and_counts(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running", images_per_second=128.0)
    tab = open_tab()
    assert "**Training** · pocket tuned 10:11:12" in said(tab)
    assert "Started elsewhere" in said(tab)
    assert "Before it: **pocket tuned 10:11:12**, about 4 min 30 s." in said(tab)
    tab.button(key="adopt").click().run()
    assert "Started elsewhere" not in said(tab)
    assert address_of(tab)["run"] == run.id


def test_who_waits_sees_for_whom_and_can_leave(open_tab: Tab) -> None:
    first = tell(pocket_run("20991231-101112-pocket-aaaa"), "running", images_per_second=128.0)
    paused = tell(pocket_run("20991231-101113-pocket-bbbb"), "paused", gives_way_at=time.time() + 40)
    own = pocket_run("20991231-101114-pocket-cccc")
    tell(own, "queued", ahead=2, waits_for=[str(first.path), str(paused.path)], device="cpu")
    tab = open_tab(own)
    assert "Waits for **pocket tuned 10:11:12** (training): about 4 min 30 s left." in said(tab)
    assert "Waits for **pocket tuned 10:11:13** (paused): it is paused and gives way" in said(tab)
    assert tab.button(key="stop").label == "Leave"
    tab.button(key="stop").click().run()
    assert own.wants_stop


def test_two_tabs_that_steer_one_run_show_what_holds(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    one, other = open_tab(run), open_tab(run)
    control(one, "lr").set_value(0.01).run()
    control(one, "epochs").set_value(9).run()
    other.run()
    assert (control(other, "lr").value, control(other, "epochs").value) == (0.01, 9)
    control(other, "lr").set_value(0.02).run()
    assert (run.wanted().lr, run.wanted().epochs) == (0.02, 9)
    one.run()
    assert control(one, "lr").value == 0.02


def test_what_a_browser_sends_late_steers_nothing(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    one, other = open_tab(run), open_tab(run)
    before = other._tree.get_widget_states()  # what the other browser sends until it hears of the change
    control(one, "lr").set_value(0.01).run()
    other.run()
    other._run(before)
    assert (run.wanted().lr, control(other, "lr").value) == (0.01, 0.01)


def test_a_control_that_is_moved_while_another_tab_steers_too_counts(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    tab = open_tab(run)
    run.steer(lr=0.01)
    control(tab, "lr").set_value(0.02).run()
    assert (run.wanted().lr, control(tab, "lr").value) == (0.02, 0.02)


def test_a_reload_finds_what_was_set(open_tab: Tab) -> None:
    tab = open_tab()
    assert address_of(tab) == {}
    control(tab, "preset").set_value("paper").run()
    control(tab, "epochs").set_value(3).run()
    assert address_of(tab) == {"preset": "paper", "epochs": "3"}
    reloaded = open_tab(**address_of(tab))
    assert address_of(reloaded) == {"preset": "paper", "epochs": "3"}
    assert (control(reloaded, "preset").value, control(reloaded, "epochs").value) == ("paper", 3)
    assert control(reloaded, "lr").value == 0.002  # as the recipe says for this network


def test_a_reload_finds_what_was_set_after_a_run_has_ended(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa", lr=0.002), "stopped")
    tab = open_tab(run)
    control(tab, "lr").set_value(0.001).run()
    assert address_of(tab) == {"run": run.id, "lr": "0.001"}
    assert control(open_tab(run, lr="0.001"), "lr").value == 0.001
    tell(run, "running")  # then it says itself what holds
    assert control(open_tab(run, lr="0.001"), "lr").value == 0.002


@pytest.mark.parametrize("value", ["", "0", "-1", "nan", "inf", "1e999", "x", "9" * 400, "²"])
def test_an_address_that_says_nonsense_changes_nothing(open_tab: Tab, value: str) -> None:
    names = ("preset", "recipe", "lr", "epochs", "optimizer", "batch_size", "images")
    tab = open_tab(**dict.fromkeys(names, value))
    assert not tab.exception
    assert (control(tab, "preset").value, control(tab, "lr").value, control(tab, "epochs").value) == ("pocket", 4e-3, 5)


def test_epochs_that_have_begun_cannot_be_taken_back(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    tab = open_tab(run)
    control(tab, "epochs").set_value(2).run()
    assert control(tab, "epochs").value == run.wanted().epochs == 3
    assert "Epoch 3 has begun" in said(tab)


def test_a_run_in_training_goes_back_to_its_recipe(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    tab = open_tab(run)
    assert not [button for button in tab.button if button.key == "back_to_recipe"]
    control(tab, "lr").set_value(0.01).run()
    control(tab, "epochs").set_value(9).run()
    assert "learning rate 0.01 (recipe: 0.004), epochs 9 (recipe: 5)" in said(tab)
    tab.button(key="back_to_recipe").click().run()
    assert (run.wanted().lr, run.wanted().epochs, run.wanted().follow_schedule) == (0.004, 5, True)
    assert (control(tab, "lr").value, control(tab, "epochs").value) == (0.004, 5)
    assert not [button for button in tab.button if button.key == "back_to_recipe"]


def test_a_rate_set_by_hand_to_what_the_recipe_says_is_still_set_by_hand(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running", schedule={"lr": 0.004, "shape_when_set": 0.5})
    tab = open_tab(run)
    assert "has left its schedule" in said(tab)
    tab.button(key="back_to_recipe").click().run()
    assert run.wanted().follow_schedule
    assert "has left its schedule" not in said(tab)


def test_what_can_be_done_with_a_run_that_is_done(open_tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "done")
    tab = open_tab(run)
    assert not [button.key for button in tab.button if button.key == "classify_with_it"]  # it has left no weights
    run.checkpoint_path(500).parent.mkdir()
    run.checkpoint_path(500).touch()
    monkeypatch.setattr(Launcher, "start", lambda self, run: None)
    tab.run()
    assert {"classify_with_it", "look_inside", "more_epochs"} <= {button.key for button in tab.button}
    tab.button(key="more_epochs").click().run()
    assert run.wanted().epochs == 10


def test_two_clicks_on_start_are_one_run(open_tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Launcher, "start", lambda self, run: None)
    monkeypatch.setattr(actions, "SAME_CLICK_SECONDS", 0.0)  # also where the second is heard late
    tab = open_tab()
    twice = tab.button(key="start").click()
    before = tab._tree.get_widget_states()
    twice.run()
    tab._run(before)
    assert len(list(runs_directory().glob("*/config.json"))) == 1


def test_two_clicks_on_more_epochs_are_one_and_no_error(open_tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "done")
    run.checkpoint_path(500).parent.mkdir()
    run.checkpoint_path(500).touch()
    started = []
    monkeypatch.setattr(Launcher, "start", lambda self, run: started.append(run))
    tab = open_tab(run)
    clicked = tab.button(key="more_epochs").click()
    before = tab._tree.get_widget_states()
    clicked.run()
    tab._run(before)
    assert started == [run]
    assert "already training" not in said(tab)


def test_ruined_weights_are_not_offered(open_tab: Tab, heading_gaps: Callable[[AppTest], list[str]]) -> None:
    found = Diagnosis("exploded", 85, "guessing", 120, 0.04, 0.97, 430.0)
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "done", diagnosis=found.to_dict())
    run.checkpoint_path(500).parent.mkdir()
    run.checkpoint_path(500).touch()
    tab = open_tab(run)
    keys = {button.key for button in tab.button}
    assert heading_gaps(tab) == []
    assert "look_inside" in keys
    assert "classify_with_it" not in keys


def test_an_error_calls_the_run_as_the_table_does(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "stopped")
    tab = open_tab(run)
    tell(run, "running")  # gone on with from elsewhere
    tab.button(key="go_on").click().run()
    assert "run pocket tuned 10:11:12 is already training" in said(tab)
