"""Two processes that share a training, started as anybody would: with torchrun."""

import os
import subprocess
import sys
import time

import pytest
import torch
import torch.distributed as dist

from nin.errors import SettingsError
from nin.paths import ROOT
from nin.storage.run import Run
from nin.training.team import Team
from tests.running import train as train_here

# SGD, since Adam's first steps depend on the signs of gradients that are next to nothing.
SETTINGS = [
    "--preset", "pocket", "--recipe", "tuned", "--optimizer", "sgd", "--lr", "0.005", "--seed", "5",
    "--train-size", "192", "--batch-size", "32", "--device", "cpu",
]  # fmt: skip
BATCH, STEPS_PER_EPOCH, EPOCHS = 32, 6, 5
TOGETHER = [
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node",
    "2",
    "-m",
    "nin",
    "train",
]
PATIENCE = 300


def environment():
    # Sums in another order differ in bf16's third digit, and in float32's seventh.
    return {**os.environ, "NIN_BFLOAT16": "0", "OMP_NUM_THREADS": "1"}


def train(command, *arguments):
    done = subprocess.run(
        [*command, *map(str, arguments)],
        check=False,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done


def rows(directory, kind):
    return [row for row in Run(directory).metrics() if row["kind"] == kind]


def test_stopped_and_resumed_together_with_the_losses_of_one_process(tmp_path, monkeypatch):
    monkeypatch.setenv("NIN_BFLOAT16", "0")
    directory = tmp_path / "two"
    process = subprocess.Popen(
        [*TOGETHER, *SETTINGS, "--epochs", str(EPOCHS), "--run-dir", str(directory)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        run, deadline = Run(directory), time.monotonic() + PATIENCE
        while not rows(directory, "step") and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        run.steer(stop=True)
        _, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert run.status()["state"] == "stopped"
    stopped_at = max(row["step"] for row in rows(directory, "step"))
    assert stopped_at in run.checkpoints()
    assert run.status()["processes"] == 2
    assert run.config().batch_size == BATCH  # the global batch
    assert run.config().lr == 0.005

    train(TOGETHER, "--run-dir", directory, "--resume")
    assert run.status()["state"] == "done"
    alone = Run.create(run.config(), tmp_path / "one")
    assert train_here(alone) == "done"
    expected, found = rows(alone.path, "step"), rows(directory, "step")
    assert [row["step"] for row in found] == list(range(1, EPOCHS * STEPS_PER_EPOCH + 1))
    assert [row["loss"] for row in found] == pytest.approx([row["loss"] for row in expected], abs=1e-4)
    assert [row["accuracy"] for row in found] == pytest.approx([row["accuracy"] for row in expected], abs=0.04)
    # Neither is it all the same, nor does nothing happen: the rate follows its schedule in both.
    assert found[-1]["loss"] < found[0]["loss"] - 0.1
    assert [row["lr"] for row in found] == [row["lr"] for row in expected]


def test_batch_that_cannot_be_shared_is_refused(tmp_path):
    dist.init_process_group("gloo", store=dist.FileStore(str(tmp_path / "store"), 1), rank=0, world_size=1)
    try:
        team = Team()
        team.size = 3
        team.check(63)
        with pytest.raises(SettingsError, match=r"batch of 64 .* multiple of 3"):
            team.check(64)
        assert team.share(torch.arange(6)).tolist() == [0, 1]
    finally:
        dist.destroy_process_group()
