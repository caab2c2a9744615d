"""Runs that are taken up again: as if nothing had been, or with what was changed meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nin.cli.parser import main
from nin.errors import RunError
from nin.process.worker import train_run
from nin.storage.process_id import this_process
from nin.storage.resume_point import latest_resume_point
from nin.storage.run import Run, RunConfig
from nin.storage.status import first_status
from tests.running import TINY, few_images, rows, train, training_in_a_thread, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


def test_a_learning_rate_that_explodes_ends_the_run_with_a_reason_and_keeps_good_weights() -> None:
    run = Run.create(RunConfig(**TINY, optimizer="sgd", momentum=0.99, schedule="constant", lr=10.0, epochs=3))
    assert train(run) == "failed"
    assert "was too high" in run.status()["error"]
    assert max(run.checkpoints()) == latest_resume_point(run).checkpoint.step
    tensors = latest_resume_point(run).checkpoint.tensors
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    # What is left to go on from is not what led to it, so that a lower rate helps.
    assert main(["train", "--run-dir", str(run.path), "--resume", "--lr", "0.001"]) == 0
    assert run.state == "done"
    assert rows(run, "step")[-1]["step"] == 30


def test_one_state_is_kept_beside_those_of_checkpoints_that_stay() -> None:
    run = Run.create(RunConfig(**TINY, epochs=3))
    assert train(run) == "done"
    states = {int(path.stem[-6:]) for path in (run.path / "checkpoints").glob("optimizer-*")}
    kept = {0, 1, 2, 4, 8, 16, 10, 20, 30}
    assert kept <= states
    assert len(states - kept) <= 1
    assert states == set(run.checkpoints())


def test_a_run_goes_on_with_the_data_that_it_was_begun_on() -> None:
    sample = few_images()
    installed_since = replace(sample, source="debian")
    run = Run.create(RunConfig(**TINY, epochs=1))
    assert train_run(run, dataset=sample) == "done"
    run.steer(epochs=2)
    assert train_run(run, resume=True, dataset=installed_since) == "done"
    assert run.status()["source"] == "sample"

    run = Run.create(RunConfig(**TINY, epochs=1))
    assert train_run(run, dataset=installed_since) == "done"
    run.steer(epochs=2)
    assert train_run(run, resume=True, dataset=sample) == "failed"
    assert "there is only the sample now" in run.status()["error"]
    assert len(rows(run, "step")) == 10  # and nothing is lost


def test_the_weights_that_a_run_started_from_may_be_gone(tmp_path: Path) -> None:
    first = Run.create(RunConfig(**TINY, epochs=1), tmp_path / "first")
    assert train(first) == "done"
    second = Run.create(RunConfig(**TINY, epochs=1, weights=str(first.path)))
    assert train(second) == "done"
    shutil.rmtree(first.path)
    second.steer(epochs=2)
    assert train(second, resume=True) == "done"


def test_on_the_command_line_a_stopped_run_goes_on_and_other_settings_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Run.create(RunConfig(**TINY, epochs=500))
    resume = ["train", "--run-dir", str(run.path), "--resume"]
    with training_in_a_thread(run) as future:
        wait_until(lambda: rows(run, "step"))
        run.steer(stop=True)
        future.result(timeout=60)
    assert run.state == "stopped"
    assert main([*resume, "--preset", "classic"]) == 2
    assert "preset tiny: only --lr and --epochs can change" in capsys.readouterr().err
    assert main([*resume, "--preset", "tiny", "--epochs", "1"]) == 0
    assert run.state == "done"
    assert rows(run, "step")[-1]["step"] % 10 == 0


def test_a_run_that_trains_is_not_trained_a_second_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nin.process.worker.LET_GO_SECONDS", 0.1)
    run = Run.create(RunConfig(**TINY, epochs=500))
    with training_in_a_thread(run):
        wait_until(lambda: rows(run, "step"))
        assert main(["train", "--run-dir", str(run.path), "--resume"]) == 1
        assert "is already training" in capsys.readouterr().err
        with pytest.raises(RunError, match="already training"):  # nor by who does not look first
            train(run, resume=True)
        assert run.state == "running"
        run.steer(stop=True)
        wait_until(lambda: run.state == "stopped")


def test_weights_without_the_optimizers_state_are_not_wiped_out() -> None:
    run = Run.create(RunConfig(**TINY, epochs=1))
    assert train(run) == "done"
    for path in (run.path / "checkpoints").glob("optimizer-*"):
        path.unlink()
    with pytest.raises(RunError, match="no state of the optimizer"):
        latest_resume_point(run)
    assert train(run, resume=True) == "failed"
    assert len(rows(run, "step")) == 10


def test_a_run_that_waits_again_keeps_what_it_had_reached() -> None:
    run = Run.create(RunConfig(**TINY, epochs=1))
    assert train(run) == "done"
    before = run.status()
    after = first_status(run, this_process())
    assert after["state"] == "starting"
    assert {name: after[name] for name in ("step", "steps", "epochs", "test_accuracy")} == {
        name: before[name] for name in ("step", "steps", "epochs", "test_accuracy")
    }
