"""A run that is steered while it trains: learning rate, epochs, pause and stop."""

from __future__ import annotations

import json
import time

import pytest

from nin.storage.run import Run, RunConfig
from nin.training.records import Record
from nin.training.schedule import Schedule
from nin.training.trainer import Trainer
from tests.running import TINY, rows, train, training_in_a_thread, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


def test_the_lr_and_the_epochs_change_while_it_trains_and_are_marked() -> None:
    run = Run.create(RunConfig(**TINY, recipe="book-adam", epochs=500))
    with training_in_a_thread(run) as future:
        wait_until(lambda: rows(run, "step"))
        asked = time.monotonic()
        run.steer(lr=0.0005)
        wait_until(lambda: any(row["lr"] == 0.0005 for row in rows(run, "step")))
        assert time.monotonic() - asked < 5
        run.steer(epochs=1)
        wait_until(future.done)
    events = {row["what"]: row for row in rows(run, "event")}
    assert (events["lr"]["from"], events["lr"]["lr"]) == (0.002, 0.0005)
    assert events["epochs"]["from"] == 500
    # What is under way is finished, what was not begun is not.
    assert run.state == "done"
    assert rows(run, "step")[-1]["step"] == 10 * events["epochs"]["epochs"]
    before = [row["lr"] for row in rows(run, "step") if row["step"] <= events["lr"]["step"]]
    assert set(before) == {0.002}


def test_more_epochs_say_how_the_schedule_moves_the_rate() -> None:
    run = Run.create(RunConfig(**TINY, recipe="tuned", epochs=2))

    def ask_for_more(record: Record, trainer: Trainer) -> None:
        if 10 < trainer.step < 20:  # records come in bundles: no single step is sure to be seen
            run.steer(epochs=3)

    assert train(run, on_record=ask_for_more) == "done"
    event = next(row for row in rows(run, "event") if row["what"] == "epochs")
    assert event["lr"] > event["lr_from"] > 0


def test_pause_resume_and_stop() -> None:
    run = Run.create(RunConfig(**TINY, epochs=500))
    with training_in_a_thread(run) as future:
        wait_until(lambda: rows(run, "step"))
        run.steer(paused=True)
        wait_until(lambda: run.state == "paused")
        held = rows(run, "step")[-1]["step"]
        time.sleep(0.7)
        assert rows(run, "step")[-1]["step"] == held
        assert time.time() - run.status()["heartbeat"] < 5  # paused, not dead
        # What is moved meanwhile takes effect and does not look like training.
        run.steer(lr=0.0005)
        wait_until(lambda: any(row["what"] == "lr" for row in rows(run, "event")))
        assert run.state == "paused"
        run.steer(paused=False)
        wait_until(lambda: rows(run, "step")[-1]["step"] > held)
        run.steer(stop=True)
        assert future.result(timeout=30) == "stopped"
    assert run.state == "stopped"
    assert [row["what"] for row in rows(run, "event")] == ["paused", "lr", "resumed"]
    # A pause is no training time, and a stop loses no step.
    assert max(run.checkpoints()) == rows(run, "step")[-1]["step"]


def test_a_wish_that_cannot_be_is_refused_and_training_goes_on() -> None:
    run = Run.create(RunConfig(**TINY, epochs=500))
    with training_in_a_thread(run):
        wait_until(lambda: rows(run, "step"))
        (run.path / "control.json").write_text(json.dumps({"lr": 1e9}))
        wait_until(lambda: rows(run, "event"))
        step = rows(run, "step")[-1]["step"]
        wait_until(lambda: rows(run, "step")[-1]["step"] > step)
        # What is unusable in the file stands in nobody's way.
        run.steer(stop=True)
        wait_until(lambda: run.state == "stopped")
    assert "lr is 1000000000.0" in rows(run, "event")[0]["why"]


def test_a_rate_that_was_set_by_hand_goes_back_to_its_schedule() -> None:
    run, asked_at = Run.create(RunConfig(**TINY, recipe="tuned", epochs=3)), []

    def set_and_let_go(record: Record, trainer: Trainer) -> None:
        asked = run.wanted()
        if trainer.step > 5 and asked.lr == run.config().lr and not asked_at:
            run.steer(lr=0.0001)
        elif trainer.schedule.is_set_by_hand:
            asked_at.append(trainer.step)
            run.steer(lr=run.config().lr, follow_schedule=True)

    assert train(run, on_record=set_and_let_go) == "done"
    by_hand, back = (row for row in rows(run, "event") if row["what"] == "lr")
    assert (by_hand["lr"], "follow_schedule" in by_hand, back["follow_schedule"]) == (0.0001, False, True)
    schedule = Schedule("one-cycle", run.config().lr)
    last = rows(run, "step")[-1]
    assert last["lr"] == pytest.approx(schedule.at((last["step"] - 1) / 30))
    run.steer(lr=0.0001)  # and what is set by hand after that holds
    assert not run.wanted().follow_schedule
