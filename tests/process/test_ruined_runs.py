"""What went wrong in a run is told, marks its weights, and can be gone back from."""

from __future__ import annotations

from pathlib import Path

import pytest

from nin.errors import RunError
from nin.storage.files import read_json, write_json
from nin.storage.resume_point import go_back
from nin.storage.run import Run, RunConfig
from nin.storage.weights import newest_checkpoint, publish
from nin.training.records import Record
from nin.training.trainer import Trainer
from nin.training.verdict import diagnosis_of_run, diagnosis_of_weights
from tests.running import TINY, rows, train

pytestmark = pytest.mark.usefixtures("tiny_preset")


def test_a_run_that_is_flat_is_told_so_until_it_learns() -> None:
    # A rate at which nothing moves, and from the moment that this is told one at which much does.
    run = Run.create(RunConfig(preset="tiny", train_size=1600, batch_size=16, lr=1e-6, epochs=3))

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
    run = Run.create(RunConfig(preset="tiny", epochs=1, **settings))
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
    run = Run.create(RunConfig(preset="tiny", train_size=1600, batch_size=16, epochs=1))

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
    run = Run.create(RunConfig(**TINY, epochs=2))
    assert train(run) == "done"
    with pytest.raises(RunError, match="no checkpoint of step 7: choose one of 0, 1, 2, 4, 8, 10"):
        go_back(run, 7)
    go_back(run, 4)
    assert "test_accuracy" not in run.status()  # it was measured later
    assert train(run, resume=True) == "done"
    assert [row["step"] for row in rows(run, "step")] == list(range(1, 21))
