"""The package that pip installs: the core, the app within it, and nothing else; it works without being written to."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import nin
from nin.paths import ROOT
from nin.storage.weights import shelf

INGREDIENTS = ("pyproject.toml", "setup.py", "MANIFEST.in", "requirements.txt", "README.md", "LICENSE", "app.py")
FOLDERS = ("nin", "ui", "pages", "weights", "data", ".streamlit", "bench", "drawings", "tests")
# What is imported goes by another name where it is installed from.
INSTALLED_AS = {"PIL": "pillow"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel puts into site-packages; built from a copy, since a build leaves its traces."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in INGREDIENTS:
        shutil.copyfile(ROOT / name, source / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "download"))
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(built)], cwd=source, check=True, capture_output=True)
    (wheel,) = built.glob("nin_lab-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "site-packages")
    return built / "site-packages"


def run(installed: Path, cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["XDG_DATA_HOME"] = str(cwd / "own")
    environment.pop("NIN_RUNS", None)
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_one_package_is_installed_with_the_app_in_it_and_no_tests(installed: Path) -> None:
    (metadata,) = installed.glob("nin_lab-*.dist-info")
    assert {path.name for path in installed.iterdir()} == {"nin", metadata.name}
    share = installed / "nin" / "share"
    assert {path.name for path in share.iterdir()} == {"app.py", "pages", "ui", "weights", "data", ".streamlit"}
    for folder in ("pages", "ui"):
        assert {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.suffix in KINDS} == {
            path.relative_to(share) for path in (share / folder).rglob("*") if path.suffix in KINDS
        }
    core = {path.relative_to(ROOT) for path in (ROOT / "nin").rglob("*.py")}
    assert core <= {path.relative_to(installed) for path in (installed / "nin").rglob("*.py")}
    assert "nin = nin.__main__:run" in (metadata / "entry_points.txt").read_text()
    assert f"Version: {nin.__version__}" in (metadata / "METADATA").read_text()


KINDS = {".py", ".js", ".css", ".json"}


def test_what_was_installed_runs_from_anywhere_and_writes_only_to_the_users_own_folder(
    installed: Path, tmp_path: Path
) -> None:
    def contents() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in installed.rglob("*")}

    before = contents()
    code = "from nin import paths; from nin.data import fashion_mnist as f; from nin.storage.weights import shelf; "
    code += "print(paths.ROOT, paths.runs_directory(), f.DOWNLOAD_DIR, *shelf(), sep='\\n')"
    root, runs, download, *weights = run(installed, tmp_path, "-c", code).stdout.splitlines()
    assert Path(root) == installed / "nin" / "share"
    assert weights == list(shelf())
    assert Path(runs).is_relative_to(tmp_path / "own")
    assert Path(download).is_relative_to(tmp_path / "own")

    train = ("-m", "nin", "train", "--preset", "pocket", "--train-size", "16", "--epochs", "1")
    trained = run(installed, tmp_path, *train)
    assert "done at step 1" in trained.stdout, trained.stderr
    (config,) = Path(runs).glob("*/config.json")
    assert json.loads(config.read_text())["preset"] == "pocket"

    page = "from streamlit.testing.v1 import AppTest; import sys; page = AppTest.from_file(sys.argv[1] + '/app.py', "
    page += "default_timeout=120).run(); assert not page.exception, page.exception; print(page.title[0].value)"
    drawn = run(installed, tmp_path, "-c", page, root)
    assert "Train" in drawn.stdout, drawn.stderr
    assert contents() == before


def test_every_package_that_is_imported_is_declared_and_every_one_that_is_declared_is_imported() -> None:
    used = set(_imported("nin", "ui", "pages", "app.py"))
    ours = {"nin", "ui", "pages", "bench", "drawings", "tests", "setup"}
    required, optional = _required("requirements.txt"), _optional()
    found = {INSTALLED_AS.get(name, name) for name in used - ours - sys.stdlib_module_names}
    assert required <= found <= required | optional
    used_here = set(_imported("bench", "drawings", "tests", "setup.py")) - ours - sys.stdlib_module_names
    assert {INSTALLED_AS.get(name, name) for name in used_here} <= required | optional | _required(
        "requirements-dev.txt"
    )


def _required(name: str) -> set[str]:
    return _names((ROOT / name).read_text().splitlines())


def _optional() -> set[str]:
    """What adds to the lab where it is installed."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return set().union(*(_names(lines) for lines in groups.values()))


def _names(lines: list[str]) -> set[str]:
    return {re.split(r"[<>=]", line)[0] for line in lines if line and line[0] not in "#-"}


def _imported(*places: str) -> Iterator[str]:
    for place in places:
        for path in [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]
