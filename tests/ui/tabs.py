"""A visitor's tab as a script, and a run that says how far it is."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from nin.paths import ROOT
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run


def train_page(run: Run | None = None, **address: str) -> AppTest:
    """The Train page, opened by an address that names `run`."""
    tab = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, part in (address | ({"run": run.id} if run else {})).items():
        tab.query_params[name] = part
    return tab.run()


def tell(run: Run, state: str, **status: object) -> Run:
    """Have this process be the one that trains `run`."""
    progress = {"step": 230, "steps": 500, "epoch": 3, "epochs": 5, "batch_size": 128, "lr_next": 0.002}
    write_json(run.path / "status.json", {"state": state, **progress, **status, **this_process()})
    return run
