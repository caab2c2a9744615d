"""Puts the app into the wheel beside the core, as nin/share: pages, weights and the bundled data.

In a checkout they lie in the root folder; `nin.paths` knows both places. Everything else about the
package is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHARED = (
    "app.py",
    "pages",
    "ui",
    ".streamlit/config.toml",
    "weights",
    "data/drawings",
    "data/experiments",
    "data/published_results.json",
    "data/sample",
    "data/stored_run",
)


class BuildWithApp(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout itself is used
            return
        for name in SHARED:
            source, target = Path(name), Path(self.build_lib, "nin", "share", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)


setup(cmdclass={"build_py": BuildWithApp})
