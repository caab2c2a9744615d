"""Runs on one device take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nin.process import turn
from nin.process.device_queue import DeviceQueue, expect
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


def test_who_pressed_start_first_is_first_though_another_process_was_ready_sooner(tmp_path: Path) -> None:
    queue = DeviceQueue("cpu", tmp_path)
    slow = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        expect(slow.pid, "slow", tmp_path)
        with queue.ticket("fast") as ticket:
            assert ticket.ahead() == ["slow"]
            slow.kill()
            slow.wait()
            assert ticket.ahead() == []
    finally:
        slow.kill()
        slow.wait()


def test_a_process_takes_the_place_that_was_kept_for_it_also_where_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = DeviceQueue("cpu", tmp_path)
    expect(os.getpid(), "first", tmp_path)
    with queue.ticket("first") as first:
        assert not list((tmp_path / "expected").iterdir())
        now = time.time_ns()
        monkeypatch.setattr(time, "time_ns", lambda: now - 3600 * 10**9)
        with queue.ticket("second") as second:
            assert first.ahead() == []
            assert second.ahead() == ["first"]
