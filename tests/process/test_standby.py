"""The process that stands by measures what is not known yet, and no more."""

from __future__ import annotations

import os
import threading

import pytest

from nin.paths import runs_directory
from nin.presets import PRESETS
from nin.process import speed, standby

HOUR = 3600


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Networks and batch sizes, in the order in which spares measure them."""
    found: list[tuple[str, int]] = []

    def measure(preset, engine, batch_size=speed.USUAL_BATCH, give_up=lambda: False) -> float:
        found.append((preset.name, batch_size))
        return 100.0

    monkeypatch.setattr(speed, "measure", measure)
    monkeypatch.setattr(speed.Load, "leaves", lambda self, cores: True)
    return found


def stand_by(measured: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """What a spare measures now."""
    measured.clear()
    standby._measure(standby.choose_engine(), threading.Event())
    return list(measured)


def test_the_first_spare_measures_every_network_in_both_sizes(measured) -> None:
    assert sorted(stand_by(measured)) == sorted(
        (name, size) for name in PRESETS for size in (speed.SMALL_BATCH, speed.USUAL_BATCH)
    )


def test_the_next_one_warms_up_and_measures_what_was_not_sure(measured) -> None:
    stand_by(measured)
    device = speed.devices()[-1]
    assert stand_by(measured) == [("pocket", speed.USUAL_BATCH)]
    (runs_directory() / "speed.json").unlink()
    for name in PRESETS:
        for size in (speed.SMALL_BATCH, speed.USUAL_BATCH):
            speed.record(device, name, 90.0, batch_size=size, is_sure=name != "classic")
    assert sorted(stand_by(measured)) == [("classic", speed.SMALL_BATCH), ("classic", speed.USUAL_BATCH)]


def test_after_a_day_all_is_measured_again(measured) -> None:
    stand_by(measured)
    path = runs_directory() / "speed.json"
    written = path.stat().st_mtime
    os.utime(path, (written - 25 * HOUR,) * 2)
    assert len(stand_by(measured)) == 2 * len(PRESETS)
