"""Make sure that there is a Chromium to test with.

One already on the machine; else Debian's package, where this user may install it; else the
one that playwright brings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from bench.pages.browser import find_chromium


def install() -> None:
    if find_chromium():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            if subprocess.run(["apt-get", *arguments], env=environment, check=False).returncode:
                break
    if not find_chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
