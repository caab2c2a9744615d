"""Whatever ends a training, its run says so, keeps what it had, and goes on as if nothing had been."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from nin.errors import LabError
from nin.storage import status as status_module
from nin.storage.files import read_json
from nin.storage.resume_point import latest_resume_point
from nin.storage.run import Run, RunConfig
from nin.storage.status import StatusFile
from nin.training.records import Record
from nin.training.trainer import Trainer
from tests.process.killed import Nursery, finish, kill_and_resume, nursery
from tests.running import TINY, rows, train, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


@pytest.fixture(scope="module")
def trainings() -> Iterator[Nursery]:
    with nursery() as trainings:
        yield trainings


def losses(run: Run) -> list[float]:
    return [row["loss"] for row in rows(run, "step")]


def test_a_run_that_is_killed_at_moments_of_chance_does_what_one_did_that_nobody_touched(
    trainings: Nursery, tmp_path: Path
) -> None:
    met = kill_and_resume(trainings, tmp_path / "runs", kills=4, epochs=8, seed=16)
    assert met["checkpoints read"] > 10


def test_a_disk_that_is_full_is_told_and_the_last_checkpoint_is_good(trainings: Nursery, tmp_path: Path) -> None:
    run = Run.create(RunConfig(**TINY, epochs=12), tmp_path / "run")
    trainings.train(run, RLIMIT_FSIZE=16_000)  # a checkpoint has room, and what 100 steps report has not
    wait_until(lambda: run.state in ("failed", "done", "interrupted"))
    assert run.state == "failed"
    assert "the disk is full" in run.status()["error"]
    point = latest_resume_point(run)
    assert point is not None
    assert point.checkpoint.step > 10
    assert not any(run.path.rglob("*.tmp"))
    finish(trainings, run)
    assert len(losses(run)) == 120


def test_a_status_that_has_no_room_beside_the_old_one_is_written_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.create(RunConfig(**TINY))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with StatusFile(run) as status:
        monkeypatch.setattr(status_module, "write_json", full)
        status.update(state="failed")
        assert read_json(run.path / "status.json")["state"] == "failed"
        (run.path / "status.json").unlink()
        status.update(state="done")  # nor does it end a training that there is no place at all


def exhaust_python() -> None:
    bytearray(2**62)


def exhaust_torch() -> None:
    torch.empty(2**60, dtype=torch.uint8)


def lose_the_gpu() -> None:
    raise RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be ...")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (exhaust_python, "the machine ran out of memory (MemoryError)"),
        (exhaust_torch, "the machine ran out of memory"),
        (lose_the_gpu, "the device failed (CUDA error: an illegal memory access was encountered): see whether"),
    ],
)
def test_a_machine_that_fails_is_told_with_what_to_do_and_the_run_goes_on_later(
    fault: Callable[[], None], said: str
) -> None:
    run = Run.create(RunConfig(**TINY, epochs=3))

    def fail_at_the_fifteenth_step(record: Record, trainer: Trainer) -> None:
        if trainer.step >= 15:
            fault()

    assert train(run, on_record=fail_at_the_fifteenth_step) == "failed"
    error = run.status()["error"]
    assert error.startswith(said)
    assert "\n" not in error
    assert "go on from the last checkpoint" in error
    assert train(run, resume=True) == "done"
    assert len(losses(run)) == 30
    whole = Run.create(run.config())
    assert train(whole) == "done"
    assert losses(run) == losses(whole)


def places_to_cut(content: bytes) -> list[int]:
    """In the length of the header, in the header, in the numbers, and right between any two of these."""
    header = 8 + int.from_bytes(content[:8], "little")
    return [0, 4, 8, 8 + (header - 8) // 2, header, (header + len(content)) // 2, len(content) - 1]


def test_a_checkpoint_that_is_cut_anywhere_is_passed_over_for_the_one_before() -> None:
    whole, run = (Run.create(RunConfig(**TINY, epochs=2)) for _ in range(2))
    assert train(whole) == train(run) == "done"
    for path in (run.checkpoint_path(20), run.optimizer_path(20)):
        content = path.read_bytes()
        for place in places_to_cut(content):
            path.write_bytes(content[:place])
            point = latest_resume_point(run)
            assert point is not None
            assert (point.checkpoint.step, point.damaged) == (16, (20,))
        path.write_bytes(content)
    run.optimizer_path(20).write_bytes(b"")
    run.steer(stop=False)
    warnings = []
    assert (
        train(run, resume=True, on_record=lambda record, trainer: warnings.append(run.status().get("warning")))
        == "done"
    )
    assert "the checkpoint of step 20 was damaged: training went on from that of step 16" in run.status()["warning"]
    assert losses(run) == losses(whole)
    for path in (run.path / "checkpoints").glob("optimizer-*"):
        path.write_bytes(b"")
    with pytest.raises(LabError, match="is damaged"):
        latest_resume_point(run)
    assert train(run, resume=True) == "failed"
    assert len(losses(run)) == 20, "nothing is wiped out"


def test_weights_of_a_step_that_was_taken_back_are_not_left_among_the_checkpoints() -> None:
    """A kill between weights and optimizer: going on at another rate, they would be of a way that was never gone."""
    run = Run.create(RunConfig(**TINY, epochs=2))
    assert train(run) == "done"
    run.optimizer_path(20).unlink()
    run.optimizer_path(16).unlink()
    (run.path / "checkpoints" / ".step-000018.safetensors.0123.tmp").write_bytes(b"half")
    run.steer(stop=True)
    assert train(run, resume=True) == "stopped"
    assert max(run.checkpoints()) == 10
    assert not any(run.path.rglob("*.tmp"))
    assert json.loads(run.metrics_path.read_text().splitlines()[-1])["step"] == 10
