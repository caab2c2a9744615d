"""Which process a file belongs to, told so that its number alone cannot deceive."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

import psutil

REMOTE_HEARTBEAT_SECONDS = 30.0  # a process on another machine that is silent for longer is gone
LOCAL_HEARTBEAT_SECONDS = 5.0  # one on this machine that was heard since then is the one that is meant


def this_process() -> dict[str, Any]:
    """What a status file says of the process that writes it, enough to tell whether it still lives."""
    return process_identity(os.getpid())


def process_identity(pid: int) -> dict[str, Any]:
    return {"pid": pid, "pid_started": psutil.Process(pid).create_time(), "host": socket.gethostname()}


def is_alive(status: dict[str, Any]) -> bool:
    """Whether the process lives that wrote `status`: its identity and, where it has one, a heartbeat."""
    silent = abs(time.time() - status.get("heartbeat", 0))
    if status.get("host", socket.gethostname()) != socket.gethostname():
        return silent < REMOTE_HEARTBEAT_SECONDS
    try:
        process = psutil.Process(status["pid"])
        started = status.get("pid_started", process.create_time())
        # A number that was given to another process since is not the one that is meant. But a clock that is
        # set moves the time at which a process seems to have started: one that speaks is alive all the same.
        is_same = abs(process.create_time() - started) < 1 or silent < LOCAL_HEARTBEAT_SECONDS
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
