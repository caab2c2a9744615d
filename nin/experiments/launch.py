"""Starting a process that conducts an experiment, for a page that does not wait for it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

from nin.experiments.folder import ExperimentFolder
from nin.paths import ROOT, environment
from nin.storage.files import write_json
from nin.storage.process_id import process_identity


def start(folder: ExperimentFolder, *, seeds: int | None = None, trials: int | None = None) -> None:
    """Conduct the experiment in a process of its own, unless one does already; more seeds or trials are wanted of both."""
    wanted = {name: value for name, value in (("seeds", seeds), ("trials", trials)) if value is not None}
    folder.want(stop=False, **wanted)
    if folder.is_active:
        return
    with (folder.path / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nin", "study", "--dir", str(folder.path.absolute())],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session of its own: Ctrl-C in the server's terminal must not end it.
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    # The process says it itself once it has imported torch; until then nobody should start a second one.
    announced = {**process_identity(process.pid), "heartbeat": time.time()}
    write_json(folder.worker_path(f"{socket.gethostname()}-{process.pid}"), announced)
