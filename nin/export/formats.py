"""What a run can be taken away as, in one table: the command line and the Train page offer these."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nin.export.onnx_model import write_onnx
from nin.export.predictor import write_predictor
from nin.export.run_card import as_markdown, run_card
from nin.export.source import Source
from nin.storage.book_weights import book_file
from nin.storage.checkpoint import checkpoint_file, describe


@dataclass(frozen=True)
class Format:
    """One file of a run."""

    file: str  # its name, with {stem}
    about: str  # for the command line
    write: Callable[[Source], bytes]  # LabError where it cannot be written

    def file_name(self, source: Source) -> str:
        return self.file.format(stem=source.stem)


FORMATS: dict[str, Format] = {
    "weights": Format(
        "{stem}.safetensors",
        "weights that describe themselves (safetensors)",
        lambda source: checkpoint_file(source.checkpoint),
    ),
    "params": Format(
        "{stem}.params",
        "a state_dict with the book's keys in the book's order (torch.save)",
        lambda source: book_file(source.checkpoint.tensors, describe(source.checkpoint)),
    ),
    "predict": Format(
        "predict.py",
        "a script that classifies a picture with the weights beside it",
        lambda source: write_predictor(source).encode(),
    ),
    "card": Format(
        "card.md",
        "settings, curves, accuracy and hardware, to be read",
        lambda source: as_markdown(run_card(source)).encode(),
    ),
    "card-json": Format(
        "card.json",
        "the same for programs",
        lambda source: (json.dumps(run_card(source), indent=1, ensure_ascii=False) + "\n").encode(),
    ),
    "onnx": Format(
        "{stem}.onnx",
        "for other programs than torch, checked to compute the same; needs pip install onnx onnxscript onnxruntime",
        lambda source: write_onnx(source).content,
    ),
}


Writer = Callable[[Source], bytes]


def as_archive(source: Source, other: Mapping[str, Writer] | None = None) -> bytes:
    """All files of a run that need no further package, zipped in one folder; `other` writes some of them otherwise."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, form in FORMATS.items():
            if name != "onnx":
                write = (other or {}).get(name, form.write)
                archive.writestr(f"{source.stem}/{form.file_name(source)}", write(source))
    return file.getvalue()
