"""The download of the full set: begun by a button, watched, and tried again where it failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from nin.errors import DataError
from nin.paths import ROOT
from tests.running import wait_until
from ui.train import data_source


@pytest.fixture
def page() -> Iterator[AppTest]:
    data_source._download.clear()
    yield AppTest.from_file(ROOT / "app.py", default_timeout=120).run()
    data_source._download.clear()


def said(page: AppTest) -> list[str]:
    return [bar.proto.text for bar in page.run().get("progress")]


def test_a_download_says_how_far_it_is_and_is_begun_once(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = [], threading.Event()

    def fetch_in_parts() -> Iterator[float]:
        begun.append(1)
        yield 0.25
        assert go_on.wait(60)
        yield 1.0

    monkeypatch.setattr(data_source, "fetch_in_parts", fetch_in_parts)
    page.button(key="fetch_data").click().run()
    wait_until(lambda: any("25%" in text for text in said(page)))
    assert not [button for button in page.button if button.key == "fetch_data"]
    another = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    assert any("25%" in text for text in said(another))
    go_on.set()
    wait_until(lambda: not said(page))
    assert begun == [1]
    assert not page.exception


def test_a_download_that_failed_says_why_and_can_be_tried_again(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fetch_in_parts() -> Iterator[float]:
        tries.append(1)
        yield 0.1
        raise DataError("the download failed ({reason})", reason="no network")

    monkeypatch.setattr(data_source, "fetch_in_parts", fetch_in_parts)
    for n in (1, 2):
        page.button(key="fetch_data").click().run()
        wait_until(lambda: page.run().error)
        assert "no network" in page.error[0].value
        assert len(tries) == n
