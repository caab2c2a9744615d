"""What a terminal says of a run that came to nothing."""

from __future__ import annotations

import pytest

from nin.cli.verdict import verdict
from nin.training.diagnosis import Diagnosis


@pytest.mark.parametrize(("steps", "words"), [(1, "1 step was too few"), (4, "4 steps were too few")])
def test_a_short_run_is_told_with_its_steps(steps: int, words: str) -> None:
    assert words in verdict(Diagnosis("short", 0, "guessing", steps, 0.004, None, 2.41))
