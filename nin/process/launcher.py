"""Starting training processes, and keeping one standing by.

Importing torch takes two seconds and loading the data half a one; a person who presses Start
wants to see a loss within three. So a server keeps a spare process that has done both and
waits on its standard input for the run that it is to train. A spare ends with its server; a
training process goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

from nin.errors import RunError
from nin.paths import ROOT, environment
from nin.process.device_queue import expect
from nin.storage.files import write_json
from nin.storage.process_id import process_identity
from nin.storage.run import Run
from nin.storage.status import first_status


class Launcher:
    """Starts runs for one server; thread-safe. Without `keep_spare` each start takes seconds more."""

    def __init__(self, *, keep_spare: bool = True) -> None:
        self._keep_spare = keep_spare
        self._spare: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Have a spare process standing by, unless there is one or something trains here already."""
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]
            # While a run trains, a spare's start-up would only take its cores.
            if self._keep_spare and not self._children and (self._spare is None or self._spare.poll() is not None):
                self._spare = _spawn("standby", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def start(self, run: Run) -> None:
        """Train `run` from its last checkpoint, or from the start where it has none."""
        with self._lock:
            if run.is_taken:
                raise RunError("run {run} is already training", run=run.id)
            spare, self._spare = self._spare, None
            if spare is None or not _hand_over(spare, run):
                with run.log_path.open("ab") as log:
                    spare = _spawn(
                        "train",
                        "--run-dir",
                        str(run.path),
                        "--resume",
                        "--steered",
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )
                _announce(run, spare)
            self._children.append(spare)

    def close(self) -> None:
        """Let the spare go; runs go on."""
        with self._lock:
            if self._spare is not None and self._spare.stdin is not None:
                self._spare.stdin.close()
                self._children.append(self._spare)
                self._spare = None

    def wait(self, seconds: float) -> None:
        """Wait for every process that was started here; TimeoutExpired when one takes longer."""
        for child in self._children:
            child.wait(seconds)


def _hand_over(spare: subprocess.Popen[bytes], run: Run) -> bool:
    if spare.poll() is not None or spare.stdin is None:
        return False
    _announce(run, spare)
    try:
        spare.stdin.write(json.dumps({"run": str(run.path)}).encode() + b"\n")
        spare.stdin.close()
    except OSError:
        return False
    return True


def _announce(run: Run, process: subprocess.Popen[bytes]) -> None:
    """Write the first status for the process, so that its early death is noticed too, and keep its place in the queue."""
    write_json(run.path / "status.json", first_status(run, process_identity(process.pid)))
    expect(process.pid, str(run.path.absolute()))


def _spawn(*arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the server's terminal must not end the training.
    return subprocess.Popen(
        [sys.executable, "-m", "nin", *arguments],
        cwd=ROOT,
        env=environment(),
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        **streams,
    )
