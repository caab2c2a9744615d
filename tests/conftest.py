"""What every test may use: runs and queue in a folder of its own, and tiny trainings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before torch is imported anywhere: idle threads sleep instead of spinning, which matters where
# a test runs several processes on two cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# The same examples every time, and no opinion on how long a busy machine may take.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's runs, waits for the user's training, or uses another data set than the sample."""
    monkeypatch.setenv("NIN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("NIN_QUEUE", str(tmp_path / "queue"))
    monkeypatch.setenv("NIN_DATA", "sample")


@pytest.fixture(autouse=True, scope="session")
def as_this_process_is() -> Iterator[None]:
    """A training in this process neither lowers its priority, for all tests that follow, nor takes all cores.

    One thread is as fast with what tests train, and leaves a core to the processes and the tests beside it.
    """
    import torch

    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for function in ("be_polite", "use_all_cores"):
            patch.setattr(f"nin.process.worker.{function}", lambda: None)
        yield


@pytest.fixture
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process there is a preset "tiny", which trains in a moment."""
    from nin.presets import PRESETS
    from tests.training.tiny import TINY

    monkeypatch.setitem(PRESETS, TINY.name, TINY)


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """What a test draws from torch without a generator of its own is the same in every run."""
    import torch

    torch.manual_seed(0)
