"""The button above the charts that takes a run back to a checkpoint, while it trains."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from nin.process.launcher import Launcher
from nin.storage.run import Run, RunConfig
from tests.running import TINY, rows, train, training_in_a_thread, wait_until
from ui.train import actions, session


@pytest.mark.usefixtures("tiny_preset")
def test_a_run_in_training_stops_goes_back_and_goes_on_at_the_other_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    started: list[Run] = []
    monkeypatch.setattr(Launcher, "start", lambda self, run: started.append(run))
    monkeypatch.setattr(actions, "launcher", lambda: Launcher(keep_spare=False))
    run = Run.create(RunConfig(**TINY, recipe="book-adam", epochs=500))
    with training_in_a_thread(run) as future:
        wait_until(lambda: len(rows(run, "step")) > 20)
        actions.go_back(run, 8, 0.0005)
        assert future.result(timeout=60) == "stopped"
    assert started == [run]
    assert state[session.OWN] == run.id
    assert rows(run, "step")[-1]["step"] == 8
    assert (run.wanted().lr, run.wants_stop) == (0.0005, False)
    run.steer(epochs=2)
    assert train(run, resume=True) == "done"
    assert [row["step"] for row in rows(run, "step")] == list(range(1, 21))
    assert rows(run, "step")[8]["lr"] == 0.0005
