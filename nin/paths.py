"""Where things lie: the app, weights and bundled data; and, where nothing is written but here, runs and downloads.

In a checkout both are its root folder. An installed package has the app within it (see setup.py) and
writes to the user's own folder for data: the installed tree may be read-only.
"""

from __future__ import annotations

import getpass
import os
import sys
import tempfile
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "share"

ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent  # app.py, pages, weights and data lie here


def own_directory() -> Path:
    """Where this user's runs and downloads lie unless another place is named."""
    if ROOT != _INSTALLED and os.access(ROOT, os.W_OK):
        return ROOT
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "nin-lab"


def runs_directory() -> Path:
    """Where run directories are made and looked for; NIN_RUNS names another place."""
    named = os.environ.get("NIN_RUNS")
    return Path(named).absolute() if named else own_directory() / "runs"


def queue_directory() -> Path:
    """Where processes of this machine queue for its devices, one place per user; NIN_QUEUE names a common one."""
    named = os.environ.get("NIN_QUEUE")
    return Path(named).absolute() if named else Path(tempfile.gettempdir()) / f"nin-lab-{_user()}"


def environment() -> dict[str, str]:
    """For a process that is started in another folder: this one's environment, with no place relative to where it is."""
    places = {"NIN_RUNS": str(runs_directory()), "NIN_QUEUE": str(queue_directory())}
    if (data := os.environ.get("NIN_DATA")) and data != "sample":
        places["NIN_DATA"] = str(Path(data).absolute())
    return {**os.environ, **places}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have a number and no name
        return str(os.getuid())
