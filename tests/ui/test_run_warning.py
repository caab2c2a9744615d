"""What the training process says of itself is on the page, not only in a file."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

from nin.paths import ROOT
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig
from tests.running import SMALL


def test_that_another_device_is_used_than_was_asked_for_is_said_in_the_sidebar() -> None:
    run = Run.create(RunConfig(**SMALL))
    warning = "mps gives other gradients than the CPU (all is wrong): training uses the CPU instead"
    status = {
        "state": "running",
        **this_process(),
        "heartbeat": time.time(),
        "epoch": 1,
        "epochs": 5,
        "warning": warning,
    }
    write_json(run.path / "status.json", status)
    page = AppTest.from_file(ROOT / "app.py", default_timeout=120).run()
    assert not page.exception
    captions = [caption.value.replace("\\", "") for caption in page.sidebar.caption]
    assert f":material/info: {warning}" in captions
