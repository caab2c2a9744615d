"""`python -m nin`, as the tests of the command line call it."""

from __future__ import annotations

import pytest

from nin.cli.parser import main


@pytest.fixture
def nin(capsys: pytest.CaptureFixture[str]):
    """Runs `python -m nin ...` in this process: (exit status, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(list(arguments))
        except SystemExit as exit_:
            status = exit_.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run
