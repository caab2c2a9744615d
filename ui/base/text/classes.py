"""The ten kinds of clothing, as the visitor calls them."""

from __future__ import annotations

from nin.data.fashion_mnist import CLASS_NAMES
from ui.base.text import t


def class_name(class_id: int) -> str:
    return t(f"classes.{class_id}")


def class_names() -> tuple[str, ...]:
    """In Fashion-MNIST's order."""
    return tuple(class_name(class_id) for class_id in range(len(CLASS_NAMES)))
