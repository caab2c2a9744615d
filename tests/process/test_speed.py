"""What is known of this machine's speed, and what follows for a run."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from nin.paths import runs_directory
from nin.presets import RECIPES
from nin.process import speed
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig


def test_the_device_that_was_measured_last_comes_last() -> None:
    for device in ("cuda", "cpu", "cuda"):
        speed.record(device, "pocket", 1000.0)
    assert speed.devices() == ["cpu", "cuda"]
    assert speed.last_measured("cpu", "pocket") == speed.Speed({128: 1000.0})


def test_an_estimate_counts_what_is_trained_on_and_the_last_evaluation() -> None:
    config = RunConfig(preset="pocket", epochs=3)
    assert speed.estimate(config, "cpu", 60_000, 10_000) is None
    speed.record("cpu", "pocket", 1000.0)
    evaluation = 10_000 / (1000 * speed.EVALUATION_SPEED_UP)
    assert speed.estimate(config, "cpu", 60_000, 10_000) == pytest.approx(180 + evaluation)
    some = RunConfig(preset="pocket", epochs=3, train_size=6_000)
    assert speed.estimate(some, "cpu", 60_000, 10_000) == pytest.approx(18 + evaluation)
    # A quarter of what this recipe trains on are drawings, beside all of the photos.
    assert RECIPES["sketch-aware"].drawings == 0.25
    with_drawings = RunConfig(preset="pocket", recipe="sketch-aware", epochs=3)
    assert speed.estimate(with_drawings, "cpu", 60_000, 10_000) == pytest.approx(240 + evaluation)


def test_small_batches_take_longer() -> None:
    speed.record("cpu", "pocket", 2000.0)
    speed.record("cpu", "pocket", 500.0, batch_size=16)
    measured = speed.last_measured("cpu", "pocket")
    assert measured.at(128) == measured.at(512) == 2000.0
    assert measured.at(16) == 500.0
    # 32 ms for 16 images and 64 ms for 128: 27.4 ms a step and 0.286 ms an image.
    assert measured.at(64) == pytest.approx(64 / (0.032 + 48 * 0.032 / 112))
    assert measured.at(1) == pytest.approx(1 / (0.032 - 15 * 0.032 / 112))
    small = RunConfig(preset="pocket", batch_size=16, epochs=1)
    usual = RunConfig(preset="pocket", epochs=1)
    assert speed.estimate(small, "cpu", 60_000, 10_000) > 3 * speed.estimate(usual, "cpu", 60_000, 10_000)


def test_what_was_measured_on_a_busy_machine_gives_way_to_what_was_measured_on_a_quiet_one() -> None:
    speed.record("cpu", "pocket", 300.0, is_sure=False)
    speed.record("cpu", "pocket", 200.0, is_sure=False)
    assert speed.last_measured("cpu", "pocket") == speed.Speed({128: 300.0}, frozenset({128}))
    speed.record("cpu", "pocket", 2000.0, is_sure=True)
    speed.record("cpu", "pocket", 300.0, is_sure=False)
    assert speed.last_measured("cpu", "pocket") == speed.Speed({128: 2000.0})


def test_a_size_that_was_measured_on_a_quiet_machine_is_sure_whatever_others_are() -> None:
    speed.record("cpu", "pocket", 2000.0)
    speed.record("cpu", "pocket", 500.0, batch_size=16, is_sure=False)
    measured = speed.last_measured("cpu", "pocket")
    assert [measured.is_sure_at(size) for size in (16, 64, 128, 256)] == [False, False, True, True]


def test_a_busy_machine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    cores, clock = psutil.cpu_count(), iter([100.0, 110.0])
    monkeypatch.setattr(speed.Load, "_by_others", lambda self: next(used))
    for busy, leaves in ((0.0, True), (0.1 * cores * 10, True), (0.5 * cores * 10, False)):
        used, clock = iter([0.0, busy]), iter([100.0, 110.0])
        monkeypatch.setattr(speed.time, "monotonic", lambda clock=clock: next(clock))
        assert speed.Load().leaves(cores) == leaves


def test_speeds_of_an_older_lab_are_read(tmp_path: Path) -> None:
    write_json(runs_directory() / "speed.json", {"cpu": {"pocket": 2000.0}})
    assert speed.last_measured("cpu", "pocket").at(64) == 2000.0


def test_what_a_run_still_needs_follows_its_own_pace() -> None:
    run = Run.create(RunConfig(preset="pocket", epochs=1))
    assert speed.seconds_left(run, "cpu") is None
    speed.record("cpu", "pocket", 1000.0)
    assert speed.seconds_left(run, "cpu") == pytest.approx(10 + 2 / 3)  # the sample's 10,000, and 2,000 to test on
    status = {"state": "running", "step": 60, "steps": 100, "batch_size": 128, "images_per_second": 256.0}
    write_json(run.path / "status.json", {**status, **this_process()})
    assert speed.seconds_left(run, "cpu") == pytest.approx(20)
