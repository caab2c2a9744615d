"""Runs on one device take turns."""

from __future__ import annotations

import threading
import time

import pytest

from nin.process import turn
from nin.process.worker import train_run
from nin.storage.run import Run, RunConfig
from tests.running import SMALL, TINY, rows, training, training_in_a_thread, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


def test_runs_on_one_device_wait_in_order() -> None:
    first, second = (Run.create(RunConfig(**TINY, epochs=500)) for _ in range(2))
    third = Run.create(RunConfig(**SMALL, epochs=1))
    with training_in_a_thread(first):
        wait_until(lambda: rows(first, "step"))
        with training_in_a_thread(second):
            wait_until(lambda: second.status().get("ahead") == 1)
            with training(third) as process:
                wait_until(lambda: third.status().get("ahead") == 2)
                assert (second.state, third.state) == ("queued", "queued")
                first.steer(stop=True)
                wait_until(lambda: rows(second, "step"))
                wait_until(lambda: third.status().get("ahead") == 1)
                # One that waits can be stopped before its turn.
                third.steer(stop=True)
                assert process.wait(timeout=30) == 0
                assert third.state == "stopped"
                assert not rows(third, "step")
    assert "waiting for cpu: 2 ahead" in third.log_path.read_text()


def test_a_long_pause_lets_those_go_first_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "PAUSE_KEEPS_SECONDS", 0.5)
    paused, waiting = Run.create(RunConfig(**TINY, epochs=500)), Run.create(RunConfig(**SMALL, epochs=1))
    paused.steer(paused=True)
    training_here = threading.Thread(target=train_run, args=(paused,))
    training_here.start()
    try:
        wait_until(lambda: paused.state == "paused")
        time.sleep(1)
        assert not paused.status()["gave_way"]  # nobody waits
        with training(waiting) as process:
            wait_until(lambda: paused.status()["gave_way"])
            # Whose turn it was waits in its place, and says for whom.
            paused.steer(paused=False)
            wait_until(lambda: paused.state == "queued")
            assert paused.status()["waits_for"] == [str(waiting.path)]
            assert process.wait(timeout=60) == 0
        assert waiting.state == "done"
        wait_until(lambda: paused.state == "running" and rows(paused, "step"))
    finally:
        paused.steer(stop=True, paused=False)
        training_here.join()
    assert paused.state == "stopped"
