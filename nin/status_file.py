"""status.json, as the training process writes it."""

from __future__ import annotations

import threading
import time
from typing import Any

from nin.atomic import write_json
from nin.runs import Run, this_process

HEARTBEAT_SECONDS = 0.5


class StatusFile:
    """status.json with a heartbeat: a thread rewrites it, so that a long step does not look dead."""

    def __init__(self, run: Run) -> None:
        self._path = run.path / "status.json"
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.values: dict[str, Any] = {"state": "starting", **this_process()}

    def update(self, **changes: Any) -> None:
        """Takes effect at the next heartbeat; at once where the state changes."""
        with self._lock:
            at_once = changes.get("state", self.values["state"]) != self.values["state"]
            self.values.update(changes)
        if at_once:
            self._write()

    def _write(self) -> None:
        with self._lock:
            self.values["heartbeat"] = time.time()
            write_json(self._path, self.values)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            self._write()

    def __enter__(self) -> StatusFile:
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._write()
