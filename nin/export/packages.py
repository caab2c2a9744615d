"""What some forms need besides, and the lab does without. Looked for without importing anything."""

from __future__ import annotations

from importlib.util import find_spec

ONNX = ("onnx", "onnxscript", "onnxruntime")
TENSORBOARD = ("tensorboard",)


def are_installed(names: tuple[str, ...]) -> bool:
    return all(find_spec(name) is not None for name in names)
