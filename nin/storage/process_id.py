"""Which process a file belongs to, told so that its number alone cannot deceive, nor a clock that is set."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil

REMOTE_HEARTBEAT_SECONDS = 30.0  # a process on another machine that is silent for longer is gone
LOCAL_HEARTBEAT_SECONDS = 5.0  # one on this machine that was heard since then is the one that is meant

# By host and number: the last heartbeat of a process on another machine, and when it was first read, on a clock
# that nobody sets.
_heard: dict[tuple[str, int], tuple[float, float]] = {}


def this_process() -> dict[str, Any]:
    """What a status file says of the process that writes it, enough to tell whether it still lives."""
    return process_identity(os.getpid())


def process_identity(pid: int) -> dict[str, Any]:
    started = {"pid_started": psutil.Process(pid).create_time(), **_since_boot(pid)}
    return {"pid": pid, **started, "host": socket.gethostname()}


def _since_boot(pid: int) -> dict[str, Any]:
    """On Linux: which boot, and the start of the process in ticks since then, which setting the clock does not move."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The 22nd field. The second, the program's name, may hold anything.
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return {}
    return {"boot": boot, "pid_ticks": ticks}


def start_mark(pid: int) -> str:
    """When a process was started, for the name of a file; see `has_mark`."""
    identity = process_identity(pid)
    return f"t{identity['pid_ticks']}" if "pid_ticks" in identity else f"{identity['pid_started']:.0f}"


def has_mark(pid: int, mark: str) -> bool:
    """Whether the process of this number lives and is the one that had this `start_mark`."""
    try:
        now = start_mark(pid)
        by_ticks = mark.startswith("t") or now.startswith("t")
        is_same = mark == now if by_ticks else abs(float(mark) - float(now)) < 2
        return is_same and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return False


def is_alive(status: dict[str, Any]) -> bool:
    """Whether the process lives that wrote `status`: its identity and, where it has one, a heartbeat."""
    if status.get("host", socket.gethostname()) != socket.gethostname():
        return _speaks(status)
    try:
        process = psutil.Process(status["pid"])
        now = process_identity(process.pid)
        if "pid_ticks" in status and "pid_ticks" in now:
            is_same = (status["pid_ticks"], status.get("boot")) == (now["pid_ticks"], now["boot"])
        else:
            # A number that was given to another process since is not the one that is meant. But a clock that is
            # set moves the time at which a process seems to have started: one that speaks is alive all the same.
            silent = abs(time.time() - status.get("heartbeat", 0))
            started = status.get("pid_started", now["pid_started"])
            is_same = abs(now["pid_started"] - started) < 1 or silent < LOCAL_HEARTBEAT_SECONDS
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _speaks(status: dict[str, Any]) -> bool:
    """Whether a process on another machine, whose clock is not ours, goes on speaking.

    At the first look the clocks have to do; from then on what counts is that its heartbeat moves.
    """
    who, beat, now = (status["host"], status.get("pid", 0)), status.get("heartbeat", 0), time.monotonic()
    before = _heard.get(who)
    if before is None:
        is_recent = abs(time.time() - beat) < REMOTE_HEARTBEAT_SECONDS
        _heard[who] = beat, now if is_recent else now - REMOTE_HEARTBEAT_SECONDS
    elif before[0] != beat:
        _heard[who] = beat, now
    return now - _heard[who][1] < REMOTE_HEARTBEAT_SECONDS
