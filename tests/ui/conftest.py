"""Pages as scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from nin.process.launcher import Launcher


@pytest.fixture(autouse=True)
def no_spare_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody presses Start: a process standing by would measure this machine while tests use it."""
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)


@pytest.fixture(scope="session")
def heading_gaps() -> Callable[[AppTest], list[str]]:
    """The headings of a page that stand more than a level below the one before."""

    def heading_gaps(page: AppTest) -> list[str]:
        found = [element for element in page.main if element.type in ("title", "header", "subheader", "heading")]
        levels = [int(heading.tag[1]) for heading in found]
        assert levels[:1] == [1]
        return [found[i].value for i in range(1, len(found)) if levels[i] > levels[i - 1] + 1]

    return heading_gaps
