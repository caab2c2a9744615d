"""The sidebar as a script: what it says of a run and of the next one, and what its controls do."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import ROOT, runs_directory
from nin.process import speed
from nin.process.launcher import Launcher
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig

Tab = Callable[..., AppTest]


@pytest.fixture
def open_tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    """A tab on the Train page, on a server that starts no process."""
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)
    speed.record("cpu", "pocket", 2000.0)

    def open_tab(run: Run | None = None) -> AppTest:
        tab = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        if run is not None:
            tab.query_params["run"] = run.id
        return tab.run()

    return open_tab


def tell(run: Run, state: str, **status: object) -> Run:
    progress = {"step": 230, "steps": 500, "epoch": 3, "epochs": 5, "batch_size": 128, "lr_next": 0.002}
    write_json(run.path / "status.json", {"state": state, **progress, **status, **this_process()})
    return run


def pocket_run(name: str, **config: object) -> Run:
    return Run.create(RunConfig(preset="pocket", **config), runs_directory() / name)


def said(tab: AppTest) -> str:
    elements = (*tab.sidebar.caption, *tab.sidebar.markdown, *tab.sidebar.warning, *tab.sidebar.error)
    return "\n".join(element.value.replace("\\", "") for element in elements)


def test_what_is_changed_from_the_recipe_is_said_with_a_way_back(open_tab: Tab) -> None:
    tab = open_tab()
    assert "Changed from" not in said(tab)
    tab.select_slider(key="lr").set_value(0.01)
    tab.number_input(key="batch_size").set_value(64).run()
    assert "Changed from *tuned*: learning rate 0.01 (recipe: 0.004), batch size 64 (recipe: 128)." in said(tab)
    tab.button(key="back_to_recipe").click().run()
    assert (tab.select_slider(key="lr").value, tab.number_input(key="batch_size").value) == (0.004, 128)
    assert "Changed from" not in said(tab)


def test_the_sample_can_be_chosen_and_is_the_first_that_is_faster(
    open_tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIN_DATA", str(ROOT))  # a directory that was named: taken for the full set until it is read
    tab = open_tab()
    tab.number_input(key="epochs").set_value(100).run()
    assert [button.key for button in tab.button if button.key.startswith("use_")] == ["use_sample"]
    assert "sample of 10,000: 8 min" in tab.button(key="use_sample").label
    tab.button(key="use_sample").click().run()
    assert tab.selectbox(key="images").value == "sample"
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
    assert tab.query_params["run"] == run.id


def test_who_waits_sees_for_whom_and_can_leave(open_tab: Tab) -> None:
    first = tell(pocket_run("20991231-101112-pocket-aaaa"), "running", images_per_second=128.0)
    paused = tell(pocket_run("20991231-101113-pocket-bbbb"), "paused", gives_way_at=time.time() + 40)
    own = pocket_run("20991231-101114-pocket-cccc")
    tell(own, "queued", ahead=2, waits_for=[str(first.path), str(paused.path)], device="cpu")
    tab = open_tab(own)
    assert "Waits for **pocket tuned 10:11:12** (training): about 4 min 30 s left." in said(tab)
    assert "Waits for **pocket tuned 10:11:13** (paused): it is paused and lets others pass" in said(tab)
    assert tab.button(key="stop").label == "Leave"
    tab.button(key="stop").click().run()
    assert own.wants_stop


def test_two_tabs_that_steer_one_run_show_what_holds(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    one, other = open_tab(run), open_tab(run)
    one.select_slider(key="lr").set_value(0.01).run()
    one.number_input(key="epochs").set_value(9).run()
    other.run()
    assert (other.select_slider(key="lr").value, other.number_input(key="epochs").value) == (0.01, 9)
    other.select_slider(key="lr").set_value(0.02).run()
    assert (run.wanted().lr, run.wanted().epochs) == (0.02, 9)
    one.run()
    assert one.select_slider(key="lr").value == 0.02


def test_epochs_that_have_begun_cannot_be_taken_back(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "running")
    tab = open_tab(run)
    tab.number_input(key="epochs").set_value(2).run()
    assert tab.number_input(key="epochs").value == run.wanted().epochs == 3
    assert "Epoch 3 has begun" in said(tab)


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


def test_an_error_calls_the_run_as_the_table_does(open_tab: Tab) -> None:
    run = tell(pocket_run("20991231-101112-pocket-aaaa"), "stopped")
    tab = open_tab(run)
    tell(run, "running")  # gone on with from elsewhere
    tab.button(key="go_on").click().run()
    assert "run pocket tuned 10:11:12 is already training" in said(tab)
