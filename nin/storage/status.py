"""status.json, as the training process writes it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from typing import Any

from nin.errors import Message
from nin.storage.files import read_json, write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run

HEARTBEAT_SECONDS = 0.5
_BLOCK_BYTES = 4096
# What is as true of a run that is taken up again as it was when it was left.
PROGRESS = (
    "step",
    "steps",
    "epoch",
    "epochs",
    "batch_size",
    "seconds",
    "lr_next",
    "schedule",
    "source",
    "data",
    "test_accuracy",
    "test_n",
)


def first_status(run: Run, identity: dict[str, Any]) -> dict[str, Any]:
    """The status of `run` when the process of that identity takes it in hand."""
    before = read_json(run.path / "status.json")
    return {"state": "starting", **identity, **{name: before[name] for name in PROGRESS if name in before}}


def message_in(status: dict[str, Any], name: str) -> Message:
    """The "error" or "warning" in a status; in that of an older lab a sentence alone."""
    said = status.get(f"{name}_said")
    return Message(str(status[name])) if said is None else Message.from_dict(said)


class StatusFile:
    """status.json with a heartbeat: a thread rewrites it, so that a long step does not look dead."""

    def __init__(self, run: Run) -> None:
        self._path = run.path / "status.json"
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.values: dict[str, Any] = first_status(run, this_process())

    def update(self, **changes: Any) -> None:
        """Takes effect at the next heartbeat; at once where the state changes."""
        with self._lock:
            at_once = changes.get("state", self.values["state"]) != self.values["state"]
            self.values.update(changes)
        if at_once:
            self._write()

    def fail(self, why: Message) -> None:
        """The end of a run that came to nothing."""
        self.update(state="failed", error=str(why), error_said=why.to_dict())

    def warn(self, what: Message) -> None:
        """Something that whoever looks at the run should know."""
        self.update(warning=str(what), warning_said=what.to_dict())

    def _write(self) -> None:
        """Never raises: what is wrong with the disk is told by what else could not be written."""
        with self._lock:
            self.values["heartbeat"] = time.time()
            try:
                write_json(self._path, self.values)
            except OSError:
                with suppress(OSError):
                    self._overwrite()

    def _overwrite(self) -> None:
        """On a full disk there is no room for a second file, but in the block that this one has."""
        content = json.dumps(self.values).encode()
        if len(content) <= max(_BLOCK_BYTES, self._path.stat().st_size):
            with self._path.open("r+b") as file:
                file.write(content)
                file.truncate()

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
