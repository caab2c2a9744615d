"""Who started a run may change it and others watch, unless the machine is one's own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import runs_directory
from nin.process import speed
from nin.process.launcher import Launcher
from nin.storage.owner import owner_of, write_owner
from nin.storage.run import Run, RunConfig, all_runs
from tests.ui.tabs import tell, train_page
from ui.base import visitor
from ui.train import actions

OpenTab = Callable[..., AppTest]


@pytest.fixture
def open_tab(monkeypatch: pytest.MonkeyPatch) -> OpenTab:
    """A new visitor's tab; the runs that are started say that they train."""
    speed.record("cpu", "pocket", 2000.0)
    monkeypatch.setattr(Launcher, "start", lambda self, run: tell(run, "running"))
    return train_page


def started(tab: AppTest) -> Run:
    tab.button(key="start").click().run()
    return all_runs()[0]


def said(tab: AppTest) -> str:
    return "\n".join(element.value.replace("\\", "") for element in (*tab.caption, *tab.markdown, *tab.error))


def keys(tab: AppTest) -> set[str]:
    return {button.key for button in tab.button if not button.disabled}


def lr(tab: AppTest):
    (found,) = (one for one in tab.sidebar.select_slider if re.fullmatch(r"lr-\d+", one.key))
    return found


def test_on_a_machine_of_ones_own_every_tab_steers_every_run(open_tab: OpenTab) -> None:
    run = started(open_tab())
    assert owner_of(run.path) is None
    other = open_tab(run)
    lr(other).set_value(0.01).run()
    assert run.wanted().lr == 0.01
    assert {"pause", "stop"} <= keys(other)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIN_SHARED", "1")


@pytest.mark.usefixtures("shared")
def test_another_visitor_watches_a_run_and_can_neither_steer_nor_take_it(open_tab: OpenTab) -> None:
    own = open_tab()
    run = started(own)
    assert owner_of(run.path) is not None
    lr(own).set_value(0.01).run()
    assert run.wanted().lr == 0.01
    for other in (open_tab(), open_tab(run)):  # the second has been given the address
        assert "Started by somebody else" in said(other)
        assert not {"adopt", "pause", "stop", "go_on"} & keys(other)
        lr(other).set_value(0.02).run()
        assert run.wanted().lr == 0.01
        assert not other.exception


@pytest.mark.usefixtures("shared")
def test_another_visitor_can_fork_a_run_and_neither_go_on_with_it_nor_name_or_delete_it() -> None:
    run = Run.create(RunConfig(preset="pocket"), runs_directory() / "20991231-101112-pocket-aaaa")
    tell(run, "stopped")

    def of_whom(token: str) -> AppTest:
        tab = AppTest.from_function(_actions)
        tab.session_state["visitor_token"] = token
        return tab.run()

    write_owner(run.path, hashlib.sha256(b"one").hexdigest()[:32])
    assert {"runs_go_on", "runs_star", "runs_delete"} <= keys(of_whom("one"))
    other = of_whom("other")
    assert not {"runs_go_on", "runs_star", "runs_delete"} & keys(other)
    assert "Only who started a run can change or delete it" in said(other)
    of_whom("one").button(key="runs_delete").click().run()
    assert not run.exists


def _actions() -> None:
    from nin.storage.run import all_runs
    from ui.train.run_actions import run_actions

    if runs := all_runs():
        run_actions(runs)


@pytest.mark.usefixtures("shared")
def test_a_visitor_can_have_so_many_runs_in_the_queue_and_all_together_so_many(
    open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIN_MOST_WAITING_EACH", "1")
    monkeypatch.setenv("NIN_MOST_WAITING", "2")
    monkeypatch.setattr(actions, "SAME_CLICK_SECONDS", 0.0)  # quicker than a hand clicks again
    own = open_tab()
    started(own)
    own.session_state["own_run"] = None  # in another tab of the same browser
    own.run()
    own.button(key="start").click().run()
    assert "1 of your runs train or wait already" in said(own)
    started(open_tab())
    third = open_tab()
    third.button(key="start").click().run()
    assert "2 runs train or wait already, and no more may" in said(third)
    assert len(all_runs()) == 2


@pytest.mark.usefixtures("shared")
def test_more_epochs_than_the_limit_are_not_to_be_had(open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIN_MOST_EPOCHS", "6")
    tab = open_tab()
    (epochs,) = (one for one in tab.sidebar.number_input if re.fullmatch(r"epochs-\d+", one.key))
    epochs.set_value(9).run()
    assert tab.session_state["epochs"] == 6
    assert "At most 6 epochs here" in said(tab)
    by_address = open_tab(epochs="900")
    by_address.button(key="start").click().run()
    assert "epochs is 900: choose at most 6 here" in said(by_address)
    assert not all_runs()


@pytest.mark.parametrize(
    ("setting", "address", "at_the_machine"),
    [
        ("", None, True),
        ("", "203.0.113.9", False),
        ("", "192.168.7.7", True),  # its own number in the network
        ("", "::1", True),
        ("", "::ffff:127.0.0.1", True),  # so a server that listens for both kinds of address has IPv4's
        ("", "::ffff:192.168.7.7", True),
        ("", "::ffff:203.0.113.9", False),
        ("", "2001:db8::7", False),
        ("", "nowhere", False),
        ("0", "203.0.113.9", True),
        ("1", None, False),
    ],
)
def test_who_sits_at_the_machine_is_told_by_the_address_unless_the_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, setting: str, address: str | None, at_the_machine: bool
) -> None:
    monkeypatch.setenv("NIN_SHARED", setting)
    monkeypatch.setattr(visitor, "_addresses_of_this_machine", lambda: {"127.0.0.1", "192.168.7.7"})
    monkeypatch.setattr(type(visitor.st.context), "ip_address", address)
    assert visitor.is_at_the_machine() is at_the_machine


def test_a_browser_is_known_again_by_its_cookie_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIN_SHARED", "1")
    sent: dict[str, str] = {}
    state: dict[str, str] = {}
    monkeypatch.setattr(type(visitor.st.context), "cookies", sent)
    monkeypatch.setattr(visitor.st, "session_state", state)
    run = Run.create(RunConfig(preset="pocket"), runs_directory() / "one")
    visitor.claim(run.path)
    assert visitor.may_change(run.path)
    sent[visitor.COOKIE] = state.pop("visitor_token")
    assert visitor.may_change(run.path)  # after a reload, in another tab, tomorrow
    state.clear()
    sent[visitor.COOKIE] = "../" + "a" * 40  # what the server never gave
    assert not visitor.may_change(run.path)
    assert sent[visitor.COOKIE] not in (run.path / "owner.json").read_text()
