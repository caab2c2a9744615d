"""Forks: what goes on from a checkpoint of another run, with other settings or with the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from nin.cli.parser import main
from nin.errors import RunError, SettingsError
from nin.paths import runs_directory
from nin.storage import resume_point
from nin.storage.checkpoint import load_checkpoint
from nin.storage.fork import fork, settings_at
from nin.storage.resume_point import go_back
from nin.storage.run import Run, RunConfig
from nin.storage.weights import command_of
from tests.running import TINY, rows, train, training_in_a_thread, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


@pytest.fixture
def parent(tiny_preset: None) -> Run:
    """A run of three epochs, ten steps each."""
    run = Run.create(RunConfig(**TINY, epochs=3), runs_directory() / "20991231-101112-tiny-aaaa")
    assert train(run) == "done"
    return run


def losses(run: Run) -> list[tuple[int, float]]:
    return [(row["step"], row["loss"]) for row in rows(run, "step")]


def test_a_fork_in_which_nothing_is_changed_is_its_parent_to_the_bit(parent: Run) -> None:
    for step in (4, 10):  # within an epoch, and at an epoch's end
        child = fork(parent, step, {})
        assert (child.config().fork_of, child.config().fork_step) == (parent.id, step)
        assert [row[0] for row in losses(child)] == list(range(1, step + 1))
        assert train(child, resume=True) == "done"
        assert losses(child) == losses(parent)
        ours, theirs = (load_checkpoint(run.checkpoint_path(30)).tensors for run in (child, parent))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert "forked" in [row["what"] for row in rows(child, "event")]


def test_a_fork_with_another_rate_differs_from_its_second_step_on(parent: Run) -> None:
    child = fork(parent, 10, {"lr": 0.001, "epochs": 2, "optimizer": "adamw"})
    assert train(child, resume=True) == "done"
    assert losses(child)[:11] == losses(parent)[:11]  # the first loss is that of the same weights
    assert losses(child)[11] != losses(parent)[11]
    assert losses(child)[-1][0] == 20
    assert [row["lr"] for row in rows(child, "event") if row["what"] == "lr"] == [0.001]
    assert rows(child, "step")[10]["lr"] == 0.001


def test_a_fork_may_have_another_dropout_smoothing_and_augmentation(parent: Run) -> None:
    assert settings_at(parent, 10)["dropout"] == 0.3  # the network's own
    assert fork(parent, 10, {}).config().dropout is None
    child = fork(parent, 10, {"dropout": 0.1, "label_smoothing": 0.2, "augment": "none"})
    assert train(child, resume=True) == "done"
    assert losses(child)[:10] == losses(parent)[:10]
    assert losses(child)[10] != losses(parent)[10]
    assert load_checkpoint(child.checkpoint_path(30)).architecture.dropout == 0.1
    assert settings_at(child, 20) == settings_at(parent, 20) | {
        "dropout": 0.1,
        "label_smoothing": 0.2,
        "augment": "none",
    }
    command_words = command_of(child.config())
    assert "--dropout 0.1 --label-smoothing 0.2 --augment none" in command_words
    assert command_words.count("--fork-of") == 1
    for changes, error in (({"dropout": 1.0}, "dropout is 1"), ({"augment": "blur"}, "augment is 'blur'")):
        with pytest.raises(SettingsError, match=error):
            fork(parent, 10, changes)


def test_without_its_parent_a_fork_goes_on_and_can_be_forked(parent: Run) -> None:
    child = fork(parent, 10, {})
    shutil.rmtree(parent.path)
    assert train(child, resume=True) == "done"
    grandchild = fork(child, 20, {"lr": 0.001})
    assert len(losses(grandchild)) == 20
    assert train(grandchild, resume=True) == "done"


def test_a_parent_that_goes_back_and_a_fork_leave_each_other_alone(parent: Run) -> None:
    child = fork(parent, 20, {})
    before = losses(parent)
    go_back(parent, 4)
    assert (len(losses(parent)), len(losses(child))) == (4, 20)
    assert train(child, resume=True) == "done"
    assert losses(child) == before
    go_back(child, 20)  # as far as a fork can
    assert len(losses(child)) == 20
    with pytest.raises(RunError, match="no checkpoint of step 4"):
        go_back(child, 4)


def test_a_fork_waits_at_its_step_until_it_is_trained(parent: Run) -> None:
    child = fork(parent, 10, {"epochs": 5})
    status = child.status()
    assert (status["state"], status["step"], status["steps"], status["epoch"]) == ("stopped", 10, 50, 2)
    assert status["test_accuracy"] == rows(parent, "epoch")[0]["test_accuracy"]


def test_what_cannot_be_forked_says_why_and_leaves_nothing(parent: Run, tmp_path: Path) -> None:
    path = tmp_path / "child"
    for step, changes, error in (
        (5, {}, "no checkpoint of step 5: choose one of 0, 1, 2"),
        (10, {"lr": 99.0}, "lr is 99"),
        (10, {"batch_size": 8}, "has the batch_size of its parent"),
        (30, {}, "epochs is 3, and at step 30 3 are done"),
        (20, {"epochs": 2}, "epochs is 2"),
    ):
        with pytest.raises((RunError, SettingsError), match=error):
            fork(parent, step, changes, path)
        assert not path.exists()
    with pytest.raises(RunError, match="already holds a run"):
        fork(parent, 10, {}, parent.path)
    assert len(losses(parent)) == 30


def test_a_fork_that_lost_its_checkpoint_does_not_begin_anew(parent: Run) -> None:
    child = fork(parent, 10, {})
    shutil.rmtree(child.path / "checkpoints")
    assert train(child, resume=True) == "failed"
    assert "lost the checkpoint" in child.status()["error"]


def test_the_checkpoint_before_a_change_by_hand_is_kept_to_fork_from(tmp_path: Path) -> None:
    run = Run.create(RunConfig(**TINY, recipe="book-adam", epochs=500), tmp_path / "steered")
    with training_in_a_thread(run) as future:
        wait_until(lambda: len(rows(run, "step")) > 20)
        run.steer(lr=0.001)
        wait_until(lambda: [row for row in rows(run, "event") if row["what"] == "lr"])
        changed = next(row for row in rows(run, "event") if row["what"] == "lr")
        wait_until(lambda: max(run.checkpoints()) > changed["step"] + 40)
        run.steer(stop=True)
        future.result(timeout=60)
    assert settings_at(run, changed["step"])["lr"] == 0.002  # as it was before
    assert run.has_optimizer(changed["step"])
    assert settings_at(run, max(run.checkpoints()))["lr"] == 0.001


def test_states_of_the_optimizer_take_no_more_than_their_room(parent: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (parent.path / "checkpoints" / "optimizer-000020.safetensors").stat().st_size
    monkeypatch.setattr(resume_point, "STATES_BYTES", 2 * size)
    parent.steer(epochs=6)
    assert train(parent, resume=True) == "done"
    # The latest two, and of the others those that are worth most: before the epochs were changed, the end of an epoch.
    kept = sorted(step for step in parent.checkpoints() if parent.has_optimizer(step))
    assert len(kept) == 4
    assert {30, 60} <= set(kept)
    assert {40, 50} & set(kept)
    child = fork(parent, 4, {})  # whose state is gone: the first loss is the same, then the optimizer starts afresh
    assert train(child, resume=True) == "done"
    assert losses(child)[:5] == losses(parent)[:5]


def command(parent: Run, *options: str) -> list[str]:
    return ["train", "--fork-of", parent.id, *options]


def test_a_fork_on_the_command_line(parent: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, weights = tmp_path / "child", tmp_path / "w.safetensors"
    options = ["--fork-step", "20", "--lr", "0.001", "--run-dir", str(path), "--save-weights", str(weights)]
    assert main(command(parent, *options)) == 0
    child = Run(path)
    assert losses(child)[:21] == losses(parent)[:21]
    assert child.config().lr == 0.001
    card: dict[str, Any] = resume_point.read_json(weights.with_suffix(".json"))
    assert card["forked_from"] == {"run": parent.id, "step": 20}
    assert f"--fork-of {parent.id} --fork-step 20" in card["command"]
    capsys.readouterr()
    assert main(command(parent, "--batch-size", "8")) == 2
    assert "only --lr, --epochs, --optimizer, --schedule" in capsys.readouterr().err
    assert main(["train", "--fork-step", "4"]) == 2
    assert main(["train", "--fork-of", "no-such-run"]) == 1
    assert "there is no run 'no-such-run'" in capsys.readouterr().err
