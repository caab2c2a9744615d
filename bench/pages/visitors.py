"""Many visitors on the Layers page at once, without a browser: `python -m bench.pages.visitors [--visitors 30] [--turns 20]`.

Each has a WebSocket of its own and speaks Streamlit's protocol as its client does: it opens the
page, then again and again takes another test image, another input size and another tool, and
waits until the page is drawn. Printed are how long that took and how many error boxes were drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NumberInput_pb2 import NumberInput

from bench.pages.browser import served, summary

CHANGED = ("layers_size_", "layers_tool")  # choices that a visitor changes, by the beginning of their keys
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
TURN_SECONDS = 300  # after which a page that is not drawn will never be: a busy machine may take a minute


@dataclass
class Seen:
    """What the pages of all visitors showed."""

    seconds: list[float] = field(default_factory=list)  # from asking for a page to its last element
    errors: list[str] = field(default_factory=list)  # what exception and error boxes said


class Visitor:
    def __init__(self, connection: websockets.ClientConnection, number: int, seen: Seen) -> None:
        self._connection, self._seen = connection, seen
        self._chance = random.Random(number)  # noqa: S311 - the same ways at each measurement
        self._number: NumberInput | None = None  # as the page drew it last
        self._choices: dict[str, ButtonGroup] = {}  # likewise, by the keys that they have in the page's code

    async def visit(self, turns: int) -> None:
        await self._ask(ClientState(page_name="layers"))
        for _ in range(turns):
            await self._ask(self._changed_layers())

    def _changed_layers(self) -> ClientState:
        """Layers with other values in its controls."""
        state = ClientState(page_name="layers")
        widgets = state.widget_states.widgets
        widgets.add(id=self._number.id, int_value=self._chance.randrange(int(self._number.max)))
        for key, group in self._choices.items():
            if key.startswith(CHANGED):
                chosen = self._chance.choice([option.content for option in group.options])
                widgets.add(id=group.id).string_array_value.data.append(chosen)
        return state

    async def _ask(self, state: ClientState) -> None:
        """Have the page drawn and read all of it."""
        began = time.perf_counter()
        await self._connection.send(BackMsg(rerun_script=state).SerializeToString())
        async with asyncio.timeout(TURN_SECONDS):
            while self._hear(ForwardMsg.FromString(await self._connection.recv())):
                pass
        self._seen.seconds.append(time.perf_counter() - began)

    def _hear(self, message: ForwardMsg) -> bool:
        """Whether more is to come."""
        if message.WhichOneof("type") == "delta":
            element = message.delta.new_element
            match element.WhichOneof("type"):
                case "exception":
                    self._seen.errors.append(element.exception.message)
                case "alert" if element.alert.format == element.alert.ERROR:
                    self._seen.errors.append(element.alert.body)
                case "number_input" if "layers_item_number" in element.number_input.id:
                    self._number = element.number_input
                case "button_group":
                    self._choices[element.button_group.id.rpartition("-")[2]] = element.button_group
        # A page that calls for another run of itself is not drawn yet.
        return not (message.WhichOneof("type") == "script_finished" and message.script_finished in FINISHED)


async def visit(url: str, visitors: int, turns: int) -> Seen:
    """`visitors` at once open the page and then change it `turns` times each."""
    seen = Seen()
    address = url.replace("http", "ws", 1) + "/_stcore/stream"

    async def one(number: int) -> None:
        async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as connection:
            await Visitor(connection, number, seen).visit(turns)

    await asyncio.gather(*(one(number) for number in range(visitors)))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--turns", type=int, default=20, help="that each takes after opening the page")
    options = parser.parse_args()
    with served() as app:
        seen = asyncio.run(visit(app.url, options.visitors, options.turns))
    print(f"{options.visitors} visitors, seconds until a page is drawn: {summary(seen.seconds)}")
    print(f"{len(seen.errors)} error boxes", *sorted(set(seen.errors)), sep="\n  ")


if __name__ == "__main__":
    main()
