"""Training as a process: the real command, the real run directory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nin.errors import RunError
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.process import turn
from nin.process.launcher import Launcher
from nin.process.stop_signal import StopSignal
from nin.process.worker import train_run
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.files import read_json, write_json
from nin.storage.resume_point import go_back
from nin.storage.run import Run, RunConfig
from nin.storage.weights import newest_checkpoint, publish
from nin.training.records import Progress, Record
from nin.training.trainer import Trainer
from nin.training.verdict import diagnosis_of_run, diagnosis_of_weights
from tests.running import SMALL, rows, train, training, training_in_a_thread, wait_until


def test_a_run_leaves_what_the_design_says() -> None:
    run = Run.create(RunConfig(**SMALL, epochs=2))
    assert train_run(run) == "done"
    steps, epochs = rows(run, "step"), rows(run, "epoch")
    assert [row["step"] for row in steps] == list(range(1, 21))
    assert set(steps[0]) == {"kind", "step", "epoch", "loss", "accuracy", "lr", "images_per_second", "seconds"}
    assert [row["epoch"] for row in epochs] == [1, 2]
    assert set(epochs[0]) >= {"epoch", "step", "train_loss", "train_accuracy", "test_accuracy", "test_n", "seconds"}
    assert epochs[-1]["test_n"] == 2000  # the last evaluation is always on all of them
    assert epochs[0]["train_loss"] == pytest.approx(sum(row["loss"] for row in steps[:10]) / 10, rel=1e-6)
    status = run.status()
    assert (status["state"], status["step"], status["steps"], status["epoch"]) == ("done", 20, 20, 2)
    assert {0, 1, 2, 4, 8, 10, 16, 20} <= set(run.checkpoints())
    assert load_checkpoint(run.checkpoint_path(20)).step == 20


def test_the_lr_and_the_epochs_change_while_it_trains_and_are_marked() -> None:
    run = Run.create(RunConfig(**SMALL, recipe="book-adam", epochs=500))
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


def test_pause_resume_and_stop() -> None:
    run = Run.create(RunConfig(**SMALL, epochs=500))
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
    run = Run.create(RunConfig(**SMALL, epochs=500))
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


@pytest.mark.skipif(os.name == "nt", reason="no signals that could be caught there")
def test_a_polite_kill_stops_the_run_and_keeps_its_last_step() -> None:
    run = Run.create(RunConfig(**SMALL, epochs=500))
    with training(run) as process:
        wait_until(lambda: rows(run, "step"))
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert run.state == "stopped"
    assert max(run.checkpoints()) == rows(run, "step")[-1]["step"]


@pytest.mark.skipif(os.name == "nt", reason="no terminals of that kind there")
def test_a_run_whose_terminal_is_closed_is_stopped_and_keeps_its_last_step(tmp_path: Path) -> None:
    """A shell and the system both tell of it, so the signal comes twice; and there is nothing left to print to."""
    weights = tmp_path / "w.safetensors"
    run_directory = tmp_path / "run"
    command = [sys.executable, "-m", "nin", "train", "--preset", "pocket", "--train-size", "160", "--batch-size", "16"]
    command += ["--epochs", "500", "--run-dir", str(run_directory), "--save-weights", str(weights)]
    terminal, slave = os.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    run = Run(run_directory)
    try:
        wait_until(lambda: rows(run, "step"))
        os.close(terminal)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
    assert json.loads((run_directory / "status.json").read_text())["state"] == "stopped"
    assert load_checkpoint(weights).step == rows(run, "step")[-1]["step"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal there")
def test_what_the_process_was_told_to_ignore_it_ignores(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with StopSignal() as stop_signal:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop_signal.given
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop_signal.given
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_runs_on_one_device_wait_in_order() -> None:
    first, second, third = (Run.create(RunConfig(**SMALL, epochs=n)) for n in (500, 500, 1))
    with training_in_a_thread(first):
        wait_until(lambda: rows(first, "step"))
        with training(second):
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


def test_a_failure_is_told_and_not_left_running(tmp_path: Path) -> None:
    run = Run.create(RunConfig(**SMALL, data=str(tmp_path / "nowhere")))
    assert train(run) == "failed"
    assert "nowhere is not a directory" in run.status()["error"]


def test_an_error_of_the_program_is_told_with_a_log_that_exists(capfd: pytest.CaptureFixture[str]) -> None:
    run = Run.create(RunConfig(**SMALL, epochs=1))

    def stumble(record: Record, trainer: Trainer) -> None:
        raise ZeroDivisionError("a fault of ours")

    assert train(run, on_record=stumble) == "failed"
    error = run.status()["error"]
    assert error == f"ZeroDivisionError: a fault of ours (details in {run.log_path})"
    assert "in stumble" in run.log_path.read_text()
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.close()
    launcher.wait(60)


def test_the_spare_process_takes_a_run_and_the_next_start_works_without_one(launcher: Launcher) -> None:
    launcher.prepare()
    for _ in range(2):
        run = Run.create(RunConfig(**SMALL, epochs=1))
        launcher.start(run)
        assert run.state in ("starting", "running", "queued")
        wait_until(lambda run=run: run.state == "done")
        assert len(rows(run, "step")) == 10


def test_a_run_is_not_started_twice(launcher: Launcher) -> None:
    run = Run.create(RunConfig(**SMALL, epochs=500))
    launcher.start(run)
    with pytest.raises(RunError, match="already training"):
        launcher.start(run)
    run.steer(stop=True)


def test_a_spare_ends_with_its_server(launcher: Launcher) -> None:
    launcher.prepare()
    spare = launcher._spare
    assert spare is not None
    assert spare.poll() is None
    launcher.close()
    assert spare.wait(timeout=60) == 0


def test_a_run_can_start_from_weights_that_another_input_size_gave(tmp_path: Path) -> None:
    small = PRESETS["classic-112"]
    weights = initialise(NiN(replace(small.architecture, logit_head=True)), "he", 5).state_dict()
    save_checkpoint(Checkpoint(small.architecture, weights, small.name, normalise=True), tmp_path / "w.safetensors")
    config = RunConfig(preset="classic", train_size=16, batch_size=16, weights=str(tmp_path / "w.safetensors"))
    run = Run.create(config)
    run.steer(stop=True)
    assert train(run) == "stopped"
    started = load_checkpoint(run.checkpoint_path(0))
    assert started.architecture.input_size == 224
    assert all(torch.equal(started.tensors[name], weights[name]) for name in weights)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    paper = PRESETS["paper"]
    weights = NiN(paper.architecture).state_dict()
    save_checkpoint(Checkpoint(paper.architecture, weights, paper.name, normalise=True), tmp_path / "w.safetensors")
    run = Run.create(RunConfig(**SMALL, weights=str(tmp_path / "w.safetensors")))
    assert train(run) == "failed"
    assert "do not fit the network pocket" in run.status()["error"]


def test_the_epoch_under_evaluation_is_not_over_yet() -> None:
    run = Run.create(RunConfig(**SMALL, epochs=3))
    shown = []

    def look(record: Record, trainer: Trainer) -> None:
        if isinstance(record, Progress) and record.phase == "evaluate":
            shown.append((trainer.step, trainer.epoch))
            run.steer(epochs=1)

    assert train(run, on_record=look) == "done"
    assert shown[0] == (10, 1)
    assert [row["epoch"] for row in rows(run, "epoch")] == [1]


def test_a_run_that_is_flat_is_told_so_until_it_learns() -> None:
    # A rate at which nothing moves, and from the moment that this is told one at which much does.
    run = Run.create(RunConfig(preset="pocket", train_size=1600, batch_size=16, lr=1e-6, epochs=3))

    def raise_the_rate(_: Record, __: Trainer) -> None:
        if run.wanted().lr != 0.003 and any(row["what"] == "flat" for row in rows(run, "event")):
            run.steer(lr=0.003)

    assert train(run, on_record=raise_the_rate) == "done"
    assert [row["what"] for row in rows(run, "event")] == ["flat", "lr", "recovered"]
    assert run.status()["diagnosis"] is None


@pytest.mark.parametrize(
    ("settings", "what", "now"),
    [
        ({"recipe": "tuned", "lr": 10, "batch_size": 16, "train_size": 640}, "exploded", "guessing"),
        ({"recipe": "book-sgd", "lr": 10, "batch_size": 32, "train_size": 1600}, "flat", "guessing"),
        ({"recipe": "book-sgd", "batch_size": 32, "train_size": 160}, "short", "guessing"),
    ],
)
def test_the_weights_of_a_ruined_run_are_marked(settings: dict, what: str, now: str, tmp_path: Path) -> None:
    run = Run.create(RunConfig(preset="pocket", epochs=1, **settings))
    assert train(run) == "done"
    found = diagnosis_of_run(run)
    assert found is not None
    assert (found.what, found.now) == (what, now)
    published = tmp_path / "ruined.safetensors"
    publish(run, published)
    for weights in (newest_checkpoint(run), published):
        assert diagnosis_of_weights(weights) == found
    # A run from before there was a diagnosis is judged by what it reported.
    status = read_json(run.path / "status.json")
    write_json(run.path / "status.json", {name: value for name, value in status.items() if name != "diagnosis"})
    judged = diagnosis_of_run(run)
    assert judged is not None
    assert (judged.what, judged.now) == (what, now)


def test_a_run_goes_back_to_before_the_rate_was_raised() -> None:
    run = Run.create(RunConfig(preset="pocket", train_size=1600, batch_size=16, epochs=1))

    def raise_the_rate(record: Record, trainer: Trainer) -> None:
        if trainer.step >= 60 and run.wanted().lr != 5.0:
            run.steer(lr=5.0)

    assert train(run, on_record=raise_the_rate) == "done"
    found = diagnosis_of_run(run)
    assert found is not None
    assert (found.what, found.change and found.change.after) == ("exploded", 5.0)
    step = found.step_to_go_back_to(run.checkpoints())
    assert step == found.change.step
    assert diagnosis_of_weights(run.checkpoint_path(step)) is None
    go_back(run, step)
    run.steer(lr=found.rate_to_go_back_with(usual=0.004))
    assert max(run.checkpoints()) == step
    assert train(run, resume=True) == "done"
    assert [row["what"] for row in rows(run, "event")] == ["back", "resumed"]
    assert [row["step"] for row in rows(run, "step")] == list(range(1, 101))
    assert diagnosis_of_run(run) is None
    # The schedule goes on as if nobody had touched it.
    whole = Run.create(run.config())
    assert train(whole) == "done"
    assert [row["lr"] for row in rows(run, "step")] == [row["lr"] for row in rows(whole, "step")]
    assert [row["loss"] for row in rows(run, "step")] == [row["loss"] for row in rows(whole, "step")]


def test_going_back_works_without_the_state_of_the_optimizer_and_only_where_there_is_a_checkpoint() -> None:
    run = Run.create(RunConfig(**SMALL, epochs=2))
    assert train(run) == "done"
    with pytest.raises(RunError, match="no checkpoint of step 7: choose one of 0, 1, 2, 4, 8, 10"):
        go_back(run, 7)
    go_back(run, 4)
    assert "test_accuracy" not in run.status()  # it was measured later
    assert train(run, resume=True) == "done"
    assert [row["step"] for row in rows(run, "step")] == list(range(1, 21))


def test_a_long_pause_lets_those_go_first_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "PAUSE_KEEPS_SECONDS", 0.5)
    paused, waiting = Run.create(RunConfig(**SMALL, epochs=500)), Run.create(RunConfig(**SMALL, epochs=1))
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


def test_more_epochs_say_how_the_schedule_moves_the_rate() -> None:
    run = Run.create(RunConfig(**SMALL, recipe="tuned", epochs=2))

    def ask_for_more(record: Record, trainer: Trainer) -> None:
        if trainer.step == 15:
            run.steer(epochs=3)

    assert train(run, on_record=ask_for_more) == "done"
    event = next(row for row in rows(run, "event") if row["what"] == "epochs")
    assert event["lr"] > event["lr_from"] > 0
