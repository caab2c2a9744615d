"""Where things lie: the tree the program was started from, the runs, the queue."""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def runs_directory() -> Path:
    """Where run directories are made and looked for; NIN_RUNS names another place."""
    return Path(os.environ.get("NIN_RUNS", ROOT / "runs"))


def queue_directory() -> Path:
    """Where processes of this machine queue for its devices, one place per user; NIN_QUEUE names a common one."""
    named = os.environ.get("NIN_QUEUE")
    return Path(named) if named else Path(tempfile.gettempdir()) / f"nin-lab-{_user()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have a number and no name
        return str(os.getuid())
