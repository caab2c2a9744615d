"""A server starts runs in processes of their own and keeps one standing by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nin.errors import RunError
from nin.process.launcher import Launcher
from nin.storage.run import Run, RunConfig
from tests.running import SMALL, rows, wait_until


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.close()
    launcher.wait(60)


def test_the_spare_process_takes_a_run_and_the_next_start_works_without_one_but_none_is_started_twice(
    launcher: Launcher,
) -> None:
    launcher.prepare()
    for _ in range(2):
        run = Run.create(RunConfig(**SMALL, epochs=1))
        launcher.start(run)
        assert run.state in ("starting", "running", "queued")
        with pytest.raises(RunError, match="already training"):
            launcher.start(run)
        wait_until(lambda run=run: run.state == "done")
        assert len(rows(run, "step")) == 10


def test_a_spare_ends_with_its_server(launcher: Launcher) -> None:
    launcher.prepare()
    spare = launcher._spare
    assert spare is not None
    assert spare.poll() is None
    launcher.close()
    assert spare.wait(timeout=60) == 0
