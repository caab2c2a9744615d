"""A run that is killed at thirty moments of chance: `make soak`. Its short form is tests/process/test_killed.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.killed import kill_and_resume, nursery

pytestmark = pytest.mark.usefixtures("tiny_preset")


@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_kills(seed: int, tmp_path: Path) -> None:
    with nursery() as trainings:
        print(kill_and_resume(trainings, tmp_path / "runs", kills=30, epochs=60, seed=seed))
