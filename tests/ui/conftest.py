"""Pages as scripts."""

from __future__ import annotations

import pytest

from nin.process.launcher import Launcher


@pytest.fixture(autouse=True)
def no_spare_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody presses Start: a process standing by would measure this machine while tests use it."""
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)
