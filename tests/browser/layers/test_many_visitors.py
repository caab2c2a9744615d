"""Visitors who look inside the same network at the same moment do not get in each other's way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.pages.visitors import visit

pytestmark = pytest.mark.browser

VISITORS, TURNS = 8, 1  # the first draw is the one in which they meet; `python -m bench.pages.visitors` takes more


def test_many_visitors_on_layers_at_once_see_no_error(app):
    # In a thread: the browser that other tests drive keeps an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(lambda: asyncio.run(visit(app.url, VISITORS, TURNS))).result()
    assert not seen.errors
    assert len(seen.seconds) == VISITORS * (1 + TURNS)
