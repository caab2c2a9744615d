"""`python -m nin export` and `python -m nin tensorboard`: a run taken away, and shown elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nin.errors import SettingsError

# The keys of nin.export.formats.FORMATS, which needs torch: --help answers at once.
WHATS = ("weights", "params", "predict", "card", "card-json", "onnx")
_OF_A_RUN = ("card", "card-json")


def cmd_export(options: argparse.Namespace) -> int:
    what = _asked(options.what)
    from nin.export.formats import FORMATS
    from nin.export.onnx_model import write_onnx
    from nin.export.source import Source
    from nin.storage.files import check_writable, write_bytes

    source = Source.named(options.run)
    if options.what is None and source.run is None:
        what = [name for name in what if name not in _OF_A_RUN]
    folder: Path = options.out or Path(f"{source.stem}-export")
    for name in what:
        path = folder / FORMATS[name].file_name(source)
        check_writable(path)
        if name == "onnx":
            made = write_onnx(source)
            write_bytes(path, made.content)
            print(
                f"{path}: on {made.checked_on} test images its logits are torch's, to {made.largest_difference:.1e}",
                flush=True,
            )
            continue
        write_bytes(path, FORMATS[name].write(source))
        print(path, flush=True)
    return 0


def _asked(text: str | None) -> list[str]:
    """What was asked for by name; else all that needs no further package."""
    if text is None:
        return [name for name in WHATS if name != "onnx"]
    names = text.split(",")
    for name in names:
        if name not in WHATS:
            raise SettingsError("what is {name!r}: choose from {choices}", name=name, choices=", ".join(WHATS))
    return names


def cmd_tensorboard(options: argparse.Namespace) -> int:
    from nin.export.event_files import write_event_files
    from nin.paths import runs_directory
    from nin.storage.run import all_runs, run_named

    runs = [run_named(name) for name in options.runs] or all_runs()
    for run in runs:
        print(f"{run.path}: {write_event_files(run):,} values", flush=True)
    shown = runs[0].path.parent if runs else runs_directory()
    print(f"look at them: tensorboard --logdir {shown}", file=sys.stderr)
    return 0
