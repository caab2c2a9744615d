"""What every page does when it is drawn as a whole."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from nin.paths import ROOT, queue_directory
from nin.process.page_priority import REQUEST


def test_a_page_asks_trainings_to_give_way_when_it_is_drawn_whole() -> None:
    assert not AppTest.from_file(ROOT / "app.py", default_timeout=60).run().exception
    assert (queue_directory() / REQUEST).exists()
