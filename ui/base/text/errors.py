"""What the core says, in the visitor's language: found by the core's own English sentence."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from nin.errors import LabError, Message
from ui.base.text import ERRORS, language


@cache
def sentences(language: str) -> dict[str, str]:
    """By the template of the English sentence, with the same `{names}` in it; empty for English itself."""
    path = Path(__file__).parent / language / f"{ERRORS}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def said(what: LabError | Message | str) -> str:
    """An error, or another message of the core; of a run of an older lab the plain sentence that it left."""
    message = what.message if isinstance(what, LabError) else what
    if not isinstance(message, Message):
        return str(message)
    values = {name: said(value) if isinstance(value, Message) else value for name, value in message.values.items()}
    template = sentences(language()).get(message.template, message.template)
    return template.format(**values) if values else template
