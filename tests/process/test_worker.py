"""A run from its first step to its last, and what it leaves where it fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.process.worker import train_run
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.run import Run, RunConfig
from nin.training.records import Progress, Record
from nin.training.trainer import Trainer
from tests.running import TINY, rows, train

pytestmark = pytest.mark.usefixtures("tiny_preset")


def test_a_run_leaves_what_the_design_says() -> None:
    run = Run.create(RunConfig(**TINY, epochs=2))
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


def test_the_epoch_under_evaluation_is_not_over_yet() -> None:
    run = Run.create(RunConfig(**TINY, epochs=3))
    shown = []

    def look(record: Record, trainer: Trainer) -> None:
        if isinstance(record, Progress) and record.phase == "evaluate":
            shown.append((trainer.step, trainer.epoch))
            run.steer(epochs=1)

    assert train(run, on_record=look) == "done"
    assert shown[0] == (10, 1)
    assert [row["epoch"] for row in rows(run, "epoch")] == [1]


def test_a_failure_is_told_and_not_left_running(tmp_path: Path) -> None:
    run = Run.create(RunConfig(**TINY, data=str(tmp_path / "nowhere")))
    assert train(run) == "failed"
    assert "nowhere is not a directory" in run.status()["error"]


def test_an_error_of_the_program_is_told_with_a_log_that_exists(capfd: pytest.CaptureFixture[str]) -> None:
    run = Run.create(RunConfig(**TINY, epochs=1))

    def stumble(record: Record, trainer: Trainer) -> None:
        raise ZeroDivisionError("a fault of ours")

    assert train(run, on_record=stumble) == "failed"
    error = run.status()["error"]
    assert error == f"ZeroDivisionError: a fault of ours (details in {run.log_path})"
    assert "in stumble" in run.log_path.read_text()
    assert "Traceback" not in "".join(capfd.readouterr())


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
    run = Run.create(RunConfig(**TINY, weights=str(tmp_path / "w.safetensors")))
    assert train(run) == "failed"
    assert "do not fit the network tiny" in run.status()["error"]
