"""Visitors without a browser: what an open Train page asks of the server, and nothing that is drawn.

    python -m bench.pages.viewers URL MOST REQUEST

REQUEST is a file with one timer's request as a browser sent it: widget states, page and all.
Each line on standard input says how many of MOST connected viewers watch from now on. A viewer
speaks Streamlit's protocol as its client does: it runs the page once, and then asks for each
fragment that the server gave a timer, as often as it said, with the states of the widgets and
the hashes of what it holds. It reads every answer.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

HELD_MESSAGES = 2  # a browser holds the large messages of its last run: the two figures


class Viewer:
    def __init__(self, connection: websockets.ClientConnection, request: ClientState) -> None:
        self._connection = connection
        self._request = request
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._held: deque[str] = deque(maxlen=HELD_MESSAGES)
        self.watches = asyncio.Event()
        self.errors = 0

    async def live(self) -> None:
        await self._ask(ClientState(page_script_hash=self._request.page_script_hash))
        async for data in self._connection:
            self._hear(ForwardMsg.FromString(data))

    def _hear(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session" and not message.metadata.run.fragment_ids:  # a run of the whole page
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()
        elif kind == "auto_rerun":
            fragment, seconds = message.auto_rerun.fragment_id, message.auto_rerun.interval
            if fragment in self._timers:
                self._timers[fragment].cancel()
            self._timers[fragment] = asyncio.create_task(self._ask_again_and_again(fragment, seconds))
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            self.errors += 1
        if message.metadata.cacheable:
            self._held.append(message.hash)

    async def _ask_again_and_again(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.watches.wait()
            request = ClientState(fragment_id=fragment, is_auto_rerun=True, cached_message_hashes=self._held)
            request.widget_states.CopyFrom(self._request.widget_states)
            request.context_info.CopyFrom(self._request.context_info)
            request.page_script_hash = self._request.page_script_hash
            await self._ask(request)

    async def _ask(self, request: ClientState) -> None:
        await self._connection.send(BackMsg(rerun_script=request).SerializeToString())


async def watch(url: str, most: int, request: ClientState) -> None:
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    viewers, tasks = [], []
    for _ in range(most):
        connection = await websockets.connect(address, subprotocols=["streamlit"], max_size=None)
        viewers.append(Viewer(connection, request))
        tasks.append(asyncio.create_task(viewers[-1].live()))
    while line := await asyncio.to_thread(sys.stdin.readline):
        for number, viewer in enumerate(viewers):
            if number < int(line):
                viewer.watches.set()
            else:
                viewer.watches.clear()
        # Whoever reads this knows that nobody was cut off or shown an error.
        assert not any(task.done() for task in tasks), "a connection has ended"
        assert not any(viewer.errors for viewer in viewers), "a page shows an error"
        print(line.strip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("most", type=int)
    parser.add_argument("request", type=Path)
    asked = parser.parse_args()
    asyncio.run(watch(asked.url, asked.most, BackMsg.FromString(asked.request.read_bytes()).rerun_script))


if __name__ == "__main__":
    main()
