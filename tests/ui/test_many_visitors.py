"""Visitors who look inside the same network at the same moment do not get in each other's way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bench.pages.browser import served
from bench.pages.visitors import visit

VISITORS, TURNS = 8, 3


def test_many_visitors_on_layers_at_once_see_no_error():
    # In a thread: the browser that other tests drive keeps an event loop running in this one.
    with served() as app, ThreadPoolExecutor(1) as pool:
        seen = pool.submit(lambda: asyncio.run(visit(app.url, VISITORS, TURNS))).result()
    assert not seen.errors
    assert len(seen.seconds) == VISITORS * (1 + TURNS)
