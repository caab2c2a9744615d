"""`python -m nin` and the command `nin`."""

import os
import sys

from nin.cli.parser import main


def run() -> None:
    status = main()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        # One of several processes that torchrun started: a thread of gloo's may still hold a tensor while
        # Python winds up, and then it aborts a process whose work is done (seen once in dozens of runs).
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    raise SystemExit(status)


if __name__ == "__main__":
    run()
