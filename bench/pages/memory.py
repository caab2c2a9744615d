"""The memory that the app takes: `python -m bench.pages.memory`.

A real server, and a visitor who speaks Streamlit's protocol without a browser: as it is served, after each page was
opened, and a training of `pocket` on the bundled images. Each process is counted by its proportional set size, so that
what several share is counted once. Prints one JSON object, in MiB. Linux alone tells a proportional size.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.pages.browser import App, served
from nin.paths import ROOT

SETTLE_SECONDS = 20.0  # until the process that stands by for Start has imported what it needs
PAGES = ("", "classify", "layers", "anatomy", "experiments")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train-seconds", type=float, default=60.0, help="that the training is watched")
    options = parser.parse_args()
    with served() as app:
        found = {"served": taken(app), **asyncio.run(visit(app)), "training": in_training(app, options.train_seconds)}
    print(json.dumps({"unit": "MiB", "proportional set size": found}, indent=1))


async def visit(app: App) -> dict[str, dict[str, float]]:
    """What each page leaves behind, one after the other, in one session."""
    found = {}
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as connection:
        for name in PAGES:
            await connection.send(BackMsg(rerun_script=ClientState(page_name=name)).SerializeToString())
            while ForwardMsg.FromString(await connection.recv()).WhichOneof("type") != "script_finished":
                pass
            await asyncio.sleep(SETTLE_SECONDS if not name else 2.0)
            found[f"after {name or 'train'}"] = taken(app)
    return found


def taken(app: App) -> dict[str, float]:
    """Of the server, and of the processes that it has started: the one that stands by for Start."""
    server = psutil.Process(app.pid)
    return {"server": mib(server), "standing by": round(sum(map(mib, server.children(recursive=True))), 1)}


def in_training(app: App, seconds: float) -> float:
    """The most that the training process takes, looked at twice a second."""
    command = [sys.executable, "-m", "nin", "train", "--preset", "pocket", "--epochs", "100", "--data", "sample"]
    environment = {**os.environ, "NIN_RUNS": str(app.runs), "NIN_QUEUE": str(app.runs.parent / "queue")}
    most, end = 0.0, time.monotonic() + seconds
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as training:
        while time.monotonic() < end and training.poll() is None:
            most = max(most, mib(psutil.Process(training.pid)))
            time.sleep(0.5)
        training.terminate()
    return most


def mib(process: psutil.Process) -> float:
    try:
        return round(process.memory_full_info().pss / 2**20, 1)
    except psutil.NoSuchProcess:
        return 0.0


if __name__ == "__main__":
    main()
