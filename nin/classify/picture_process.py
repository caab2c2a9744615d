"""Strangers' files are decoded in a process of their own, which a file can fill, stall or crash without harm.

    python -m nin.classify.picture_process

reads, again and again, a line of JSON ({"bytes": 1234, "name": "boot.png"}) and that many bytes, and answers
with a line ({"size": [w, h]} and w * h * 4 bytes, RGBA; or {"error": ...}). It is held to so much memory, and
for each file to so much time; it ends with the process that started it.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from PIL import Image

from nin.classify.picture_file import name_of, open_picture, read_content
from nin.errors import Message, PictureError
from nin.paths import ROOT, environment

CPU_SECONDS = 2.0  # for a file
WALL_SECONDS = 10.0  # the same on a machine that has much else to do
MEGABYTES = 300  # of address space beyond what the process has when it is ready; pages that nothing uses count, too


class PictureProcess:
    """One process that decodes, started when it is needed and again after a file has ended it; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, source: str | Path | bytes, name: str | None = None) -> Image.Image:
        """As `nin.classify.picture_file.open_picture`, with PictureError also where a file takes too long."""
        called = name_of(source, name)
        content = read_content(source, called)
        with self._lock:  # one file at a time: so many megabytes, however many visitors
            return self._ask(content, called)

    def _ask(self, content: bytes, name: str | Message) -> Image.Image:
        process = self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        too_long = threading.Timer(WALL_SECONDS, process.kill)
        too_long.start()
        try:
            process.stdin.write(json.dumps({"bytes": len(content), "name": _sent(name)}).encode() + b"\n" + content)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline() or "{}")
            if "error" in answer:
                raise PictureError(Message.from_dict(answer["error"]))
            if "size" in answer:
                width, height = answer["size"]
                pixels = process.stdout.read(width * height * 4)
                if len(pixels) == width * height * 4:
                    return Image.frombytes("RGBA", (width, height), pixels)
        except OSError:  # it is gone
            pass
        finally:
            too_long.cancel()
        self._end()
        raise PictureError("{name} takes too long to decode: save it as PNG or JPEG, or make it smaller", name=name)

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "nin.classify.picture_process"],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what decoders have to say of damaged files
                start_new_session=sys.platform != "win32",  # Ctrl-C is for the server
            )
        return self._process

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not sent yet cannot be sent any more
                    continue
        self._process.wait()
        self._process = None

    def close(self) -> None:
        with self._lock:
            self._end()


_SHARED = PictureProcess()
atexit.register(_SHARED.close)


def open_strangers_picture(source: str | Path | bytes, name: str | None = None) -> Image.Image:
    """A picture that somebody brings, 8-bit RGBA and upright; PictureError says why it is none."""
    return _SHARED.open(source, name)


def _sent(name: str | Message) -> object:
    return name.to_dict() if isinstance(name, Message) else name


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    Image.preinit()
    _hold_to_memory()
    while line := requests.readline():
        asked = json.loads(line)
        content = requests.read(asked["bytes"])
        if len(content) < asked["bytes"]:
            return
        name = asked["name"]
        _hold_to_time(CPU_SECONDS)
        try:
            picture = open_picture(content, Message.from_dict(name) if isinstance(name, dict) else name)
            answer, pixels = {"size": picture.size}, picture.tobytes()
        except PictureError as error:
            answer, pixels = {"error": error.message.to_dict()}, b""
        _hold_to_time(0.0)
        answers.write(json.dumps(answer).encode() + b"\n" + pixels)
        answers.flush()


def _hold_to_memory() -> None:
    try:
        import resource

        with Path("/proc/self/statm").open() as file:
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + MEGABYTES * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ImportError, OSError, ValueError):  # only the number of pixels is limited then
        pass


def _hold_to_time(seconds: float) -> None:
    """Of the processor's time: what goes on for longer is ended by the system, in the middle of whatever it does."""
    import signal

    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
