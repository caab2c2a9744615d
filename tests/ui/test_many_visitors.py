"""Visitors who look inside the same network at the same moment do not get in each other's way."""

import asyncio

from bench.pages.browser import served
from bench.pages.visitors import visit

VISITORS, TURNS = 8, 3


def test_many_visitors_on_layers_at_once_see_no_error():
    with served() as app:
        seen = asyncio.run(visit(app.url, VISITORS, TURNS))
    assert not seen.errors
    assert len(seen.seconds) == VISITORS * (1 + TURNS)
