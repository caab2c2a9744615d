"""A run's curves as TensorBoard's event files, in its own directory: `tensorboard --logdir runs` shows them.

Needs tensorboard, which nothing else here does. They are written from metrics.jsonl whenever one asks for it, and
then anew: training itself does not wait for another program's files.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nin.errors import SettingsError
from nin.export.packages import TENSORBOARD, are_installed
from nin.storage.run import Run

# Of a row in metrics.jsonl: what it is called in TensorBoard.
STEP_TAGS = {
    "loss": "loss/batch",
    "accuracy": "accuracy/batch",
    "lr": "learning rate",
    "images_per_second": "images per second",
}
EPOCH_TAGS = {
    "train_loss": "loss/epoch",
    "train_accuracy": "accuracy/training, while it changed",
    "train_eval_accuracy": "accuracy/training",
    "test_accuracy": "accuracy/test",
}  # fmt: skip
EVENT_FILES = "events.out.tfevents.*"


def write_event_files(run: Run) -> int:
    """Replace the run's event files by what it has reported by now; returns how many values they have.

    SettingsError where tensorboard is not installed.
    """
    if not are_installed(TENSORBOARD):
        raise SettingsError("event files need TensorBoard: pip install tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    began, rows = _began(run), run.metrics()
    for former in run.path.glob(EVENT_FILES):
        former.unlink()
    writer, count = SummaryWriter(str(run.path)), 0
    try:
        writer.add_text("settings", _table(run), 0, walltime=began)
        for row in rows:
            for name, tag in {"step": STEP_TAGS, "epoch": EPOCH_TAGS}.get(row["kind"], {}).items():
                if (value := row.get(name)) is not None:
                    writer.add_scalar(tag, value, row["step"], walltime=began + row.get("seconds", 0.0))
                    count += 1
    finally:
        writer.close()
    return count


def _began(run: Run) -> float:
    try:
        return datetime.fromisoformat(run.created).timestamp()
    except ValueError:
        return 0.0


def _table(run: Run) -> str:
    """The settings as Markdown, which TensorBoard shows."""
    settings: dict[str, Any] = {
        name: value for name, value in vars(run.config().resolved()).items() if value is not None
    }
    return "\n".join(
        ["| setting | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in settings.items())]
    )
