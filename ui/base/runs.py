"""Runs, as every page looks at them: which are active now, and what was asked of one."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from nin.errors import LabError
from nin.paths import runs_directory
from nin.storage.label import label_of
from nin.storage.run import ACTIVE, Run, RunConfig

# By directory: when its status was written, as it was when the run was last seen to be over. Only
# a new status can make it active again, so a look once a second reads none but those that may be.
_over: dict[str, int] = {}


def active_runs() -> dict[Run, dict[str, Any]]:
    """The status of every run that trains or waits, the newest first."""
    found = {}
    with suppress(FileNotFoundError), os.scandir(runs_directory()) as entries:
        for entry in entries:
            written = _status_written(entry.path)
            if _over.get(entry.path) == written:
                continue
            run = Run(Path(entry.path))
            status = run.status()
            if status["state"] not in ACTIVE:
                _over[entry.path] = written
            elif run.exists:
                found[run] = status
    return dict(sorted(found.items(), key=lambda item: item[0].id, reverse=True))


def _status_written(directory: str) -> int:
    try:
        return os.stat(f"{directory}/status.json").st_mtime_ns  # noqa: PTH116 - hundreds of them, once a second
    except OSError:
        return 0


def run_name(run: Run) -> str:
    """What a run is called wherever it is spoken of: as somebody has named it, which may be any text."""
    return label_of(run).name or usual_name(run)


def usual_name(run: Run) -> str:
    """What a run is called that nobody has named: its network, its recipe and when it was started."""
    config = config_of(run)
    started = re.fullmatch(r"\d{8}-(\d\d)(\d\d)(\d\d)-.*", run.id)  # told apart by the second
    if config is None or started is None:  # damaged, or named by whoever started it from a terminal
        return run.id
    return f"{config.preset} {config.recipe} {':'.join(started.groups())}"


def config_of(run: Run) -> RunConfig | None:
    """What was asked; None where that cannot be read: damaged, or from a lab that knows other networks."""
    try:
        return run.config()
    except LabError:
        return None
