"""No file that somebody brings is executed, no name leads out of its folder, and no page says what it should not."""

from __future__ import annotations

import ast
import csv
import io
import tomllib
from pathlib import Path

import pytest

from nin.paths import ROOT, runs_directory
from nin.storage.deletion import delete_run
from nin.storage.label import Label
from nin.storage.run import Run, RunConfig
from ui.base.csv_text import csv_text
from ui.base.text import plain
from ui.train.session import _run_named

SOURCES = [ROOT / "app.py", *(path for part in ("nin", "ui", "pages") for path in (ROOT / part).rglob("*.py"))]


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


def test_nothing_unpickles_or_evaluates_what_it_reads() -> None:
    for path in SOURCES:
        for call in calls(path):
            name, options = ast.unparse(call.func), {option.arg: ast.unparse(option.value) for option in call.keywords}
            assert name not in (
                "eval",
                "exec",
                "pickle.load",
                "pickle.loads",
                "marshal.loads",
                "yaml.load",
                "os.system",
            )
            if name == "torch.load":
                assert options.get("weights_only") == "True", path
            if name in ("np.load", "numpy.load"):
                assert options.get("allow_pickle", "False") == "False", path
            assert options.get("shell") != "True", path
            assert options.get("unsafe_allow_html") != "True", path


def test_the_app_is_served_as_safely_as_it_is_said() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["server"]["maxUploadSize"] <= 20
    assert not {"enableCORS", "enableXsrfProtection", "enableStaticServing"} & settings["server"].keys()
    assert settings["browser"]["gatherUsageStats"] is False


NAMES = [
    "..",
    ".",
    "../outside",
    "/etc",
    "a/b",
    "a\\b",
    "a\0b",
    "\u2025",
    "%2e%2e",
    "\uff0e\uff0e/x",
    "C:\\x",
    "",
    " ",
    "~",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_from_an_address_leads_nowhere_but_to_a_run(name: str) -> None:
    outside = runs_directory().parent / "outside"
    Run.create(RunConfig(preset="pocket"), outside)
    Run.create(RunConfig(preset="pocket"), runs_directory() / "inside")
    assert _run_named(name) is None
    assert _run_named("inside") is not None


def test_a_link_among_the_runs_is_deleted_and_not_what_it_leads_to(tmp_path: Path) -> None:
    elsewhere = Run.create(RunConfig(preset="pocket"), tmp_path / "elsewhere")
    runs_directory().mkdir(parents=True, exist_ok=True)
    link = runs_directory() / "link"
    link.symlink_to(elsewhere.path)
    delete_run(Run(link))
    assert not link.exists()
    assert elsewhere.exists


EVIL = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil")', "\uff1d1+1"]


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_of_a_file_is_a_formula(text: str) -> None:
    (_, (cell, number)) = csv.reader(io.StringIO(csv_text(["name", "number"], [(text, -1.5)])))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    assert number == "-1.5"


@pytest.mark.parametrize(
    "text", ["<script>", "**b**", "[x](javascript:1)", ":red[x]", "$x$", "`x`", "# x", "![](http://x)"]
)
def test_what_people_write_is_shown_as_they_wrote_it(text: str) -> None:
    shown = plain(text)
    for sign in "<*[:$`#!(":
        assert f"\\{sign}" in shown or sign not in text
    assert Label(name=f"a\u202e{text}\0").name == f"a{text}"


def test_every_csv_file_is_written_in_the_one_place_that_knows_of_formulas() -> None:
    for path in (ROOT / "ui").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "csv_text.py":
            assert "csv.writer" not in source, path
            assert ".to_csv(" not in source, path
