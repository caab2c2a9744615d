"""python -m bench [--device auto|cpu|cuda|mps] [--json]: the training step against the usual loop, on this machine."""

from __future__ import annotations

import argparse
import sys

from bench.training.compare import run_bench
from nin.errors import LabError

UNUSABLE = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition(": ")[2])
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|mps", help="where to compute; default auto")
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead of text for people")
    options = parser.parse_args()
    try:
        return run_bench(device=options.device, as_json=options.json)
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
