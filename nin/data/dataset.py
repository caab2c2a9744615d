"""Fashion-MNIST as tensors, from wherever it is on this machine.

70,000 greyscale images of 28x28, ten classes (Xiao, Rasul, Vollgraf: arXiv 1708.07747, MIT
licence). As uint8 the whole set is 55 MB, so it is held in memory whole and no loader is
needed. Nothing here ever downloads; `nin.data.download` does, when it is asked to.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor

from nin.data.contact_sheet import from_sheet, to_sheet
from nin.data.fashion_mnist import (
    CLASS_NAMES,
    CSV_FILES,
    CSV_IMAGES,
    DEBIAN_DIR,
    DOWNLOAD_RAW_DIR,
    IDX_FILES,
    PIXEL_MEAN,
    SAMPLE_DIR,
    SIDE,
    IdxFile,
    class_slug,
    find_file,
    find_idx_files,
    named_source,
)
from nin.errors import DataError

# The last training images, which stand for the test set while settings are compared: `--train-size 55000`
# leaves them out.
HELD_OUT = 5_000
_MEAN_OF_DIGITS = 0.1307  # of MNIST's pixels, in [0, 1]; those of Fashion-MNIST are twice as bright


class Split(NamedTuple):
    images: Tensor  # uint8 (N, 28, 28), bright on black
    labels: Tensor  # int64 (N,), indices into CLASS_NAMES

    def first(self, n: int | None) -> Split:
        """The first `n` images and labels, or all where there are no more or `n` is None."""
        return Split(self.images[:n], self.labels[:n])

    def last(self, n: int) -> Split:
        """The last `n` images and labels."""
        start = max(0, len(self.labels) - n)
        return Split(self.images[start:], self.labels[start:])

    def to(self, device: torch.device) -> Split:
        return Split(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Dataset:
    train: Split
    test: Split
    source: str  # "directory", "download", "debian" or "sample"
    path: Path
    problems: tuple[str, ...] = field(default=())  # sources that were found but could not be used

    @property
    def is_full(self) -> bool:
        return len(self.train.labels) == 60_000

    def describe(self, train_size: int | None = None) -> str:
        """In words, with how many of the training images are used where that is not all of them."""
        n = len(self.train.labels)
        used = "" if train_size is None or train_size >= n else f"{train_size:,} of "
        return f"{used}{n:,} training and {len(self.test.labels):,} test images ({self.source})"


def load(directory: str | Path | None = None) -> Dataset:
    """The data set from the first source there is.

    In this order: `directory` (or the environment's NIN_DATA; the word "sample" stands for the
    bundled one), an earlier download, Debian's package, the bundled sample. A directory that
    was named must be good, else DataError; the others are passed over when damaged, with a line
    in `problems`.
    """
    named = named_source(directory)
    if named == "sample":
        return _load_sample(SAMPLE_DIR)
    if named:
        return _load_idx(Path(named), "directory")
    problems = []
    for source, path in (("download", DOWNLOAD_RAW_DIR), ("debian", DEBIAN_DIR)):
        if not find_idx_files(path):
            continue
        try:
            return _load_idx(path, source)
        except DataError as error:
            problems.append(str(error))
    return _load_sample(SAMPLE_DIR, tuple(problems))


def as_begun(found: Dataset, source: str) -> Dataset:
    """The data set that a training was begun on, from `source`, where another has been installed or removed since.

    There are two, the sample and the full set; the full one is the same wherever it was found.
    """
    if source == "sample" != found.source:
        return load("sample")
    if found.source == "sample" != source:
        raise DataError(
            "the run was begun on all of Fashion-MNIST, and there is only the sample now: "
            "install it again (python -m nin data --fetch), or start a new run"
        )
    return found


def _load_idx(directory: Path, source: str) -> Dataset:
    if not directory.is_dir():
        raise DataError(
            "{directory} is not a directory: name one that holds the four Fashion-MNIST files", directory=directory
        )
    paths = find_idx_files(directory)
    if not paths:
        return _load_csv(directory, source)
    for key, file in IDX_FILES.items():
        if key not in paths:
            raise DataError(
                "{directory} has no {file}(.gz): all four Fashion-MNIST files are needed",
                directory=directory,
                file=file.name,
            )
    splits = {}
    for split in ("train", "test"):
        images, labels = (_read_idx(paths[split, what], IDX_FILES[split, what]) for what in ("images", "labels"))
        splits[split] = Split(images, labels.long())
    where = Path(os.path.commonpath([path.parent for path in paths.values()]))
    return Dataset(splits["train"], splits["test"], source, where)


def check_file(path: Path, file: IdxFile) -> None:
    """DataError unless `path` is that published file, whole."""
    _read_idx(path, file)


def _read_idx(path: Path, file: IdxFile) -> Tensor:
    """One IDX file, plain or gzipped, as a uint8 tensor; DataError unless its checksum fits."""
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            "{path} cannot be read ({error}): delete it and fetch it again", path=path, error=error
        ) from error
    if (found := hashlib.md5(content, usedforsecurity=False).hexdigest()) != file.md5:
        _say_what_it_is_instead(path, content)
        raise DataError(
            "{path} has a wrong checksum (MD5 of its content {found}, expected {expected}): it is damaged or another version; delete it and fetch it again",
            path=path,
            found=found,
            expected=file.md5,
        )
    offset, shape = _idx_header(content)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=offset).reshape(shape)


def _idx_header(content: bytes) -> tuple[int, list[int]]:
    """Where the values of an IDX file begin, and their shape."""
    # Two zero bytes, the type (8: unsigned byte), the number of dimensions, each size.
    dimensions = content[3]
    return 4 + 4 * dimensions, [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions)]


def _say_what_it_is_instead(path: Path, content: bytes) -> None:
    """DataError for the two things that come under these names most: half of the file, and MNIST's digits."""
    if len(content) < 16 or not content.startswith(b"\0\0\x08"):
        return
    offset, shape = _idx_header(content)
    expected = offset + math.prod(shape)
    if len(content) < expected < 1e9:
        raise DataError(
            "{path} has {found:,} of its {expected:,} bytes, as after a download that was cut off: delete it and fetch it again",
            path=path,
            found=len(content),
            expected=expected,
        )
    if shape[1:] == [SIDE, SIDE]:
        mean = float(torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=offset).float().mean()) / 255
        if abs(mean - _MEAN_OF_DIGITS) < 0.01:
            raise DataError(
                "{path} holds handwritten digits: it is MNIST, whose files have the same names; fetch Fashion-MNIST instead (python -m nin data --fetch)",
                path=path,
            )


# --- the two files of Kaggle, a line for each image: its label, and its pixels ---------------


def _load_csv(directory: Path, source: str) -> Dataset:
    paths = {split: find_file(directory, name) for split, name in CSV_FILES.items()}
    there = [path for path in paths.values() if path is not None]
    if not there:
        raise DataError(
            "{directory} holds no Fashion-MNIST: name a directory with the four files ({idx}, ...) or Kaggle's two ({csv}, ...), or fetch them (python -m nin data --fetch)",
            directory=directory,
            idx=IDX_FILES["train", "images"].name,
            csv=CSV_FILES["train"],
        )
    for split, name in CSV_FILES.items():
        if paths[split] is None:
            raise DataError(
                "{directory} has {there} and no {name}: both files of Kaggle are needed",
                directory=directory,
                there=there[0].name,
                name=name,
            )
    splits = {split: _read_csv(path, CSV_IMAGES[split]) for split, path in paths.items() if path is not None}
    return Dataset(splits["train"], splits["test"], source, there[0].parent)


def _read_csv(path: Path, images: int) -> Split:
    """One of Kaggle's files. It has no checksum that is published: its lines, labels and brightness have to be right."""
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype="uint8").to_numpy()
    except (OSError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            "{path} cannot be read ({error}): delete it and fetch it again", path=path, error=reason
        ) from error
    if table.shape[1:] != (1 + SIDE * SIDE,) or len(table) != images:
        raise DataError(
            "{path} has {rows:,} images of {columns:,} values and should have {images:,} of {expected}, as after a download that was cut off: delete it and fetch it again",
            path=path,
            rows=len(table),
            columns=table.shape[1],
            images=images,
            expected=1 + SIDE * SIDE,
        )
    found = Split(torch.from_numpy(table[:, 1:].copy()).reshape(-1, SIDE, SIDE), torch.from_numpy(table[:, 0]).long())
    counts = torch.bincount(found.labels, minlength=len(CLASS_NAMES)).tolist()
    brightness = float(found.images.float().mean()) / 255
    if counts != [images // len(CLASS_NAMES)] * len(CLASS_NAMES) or abs(brightness - PIXEL_MEAN) > 0.01:
        raise DataError("{path} holds other images than Fashion-MNIST (handwritten digits?): fetch it again", path=path)
    return found


# --- the bundled sample: contact sheets, one PNG per class and split -------------------------


def sheet_name(split: str, class_id: int) -> str:
    return f"{split}-{class_id}-{class_slug(class_id)}.png"


def write_sample(data: Dataset, directory: Path, train_per_class: int = 1000, test_per_class: int = 200) -> None:
    """Write the first images of each class as contact sheets with their checksums."""
    directory.mkdir(parents=True, exist_ok=True)
    sums = {}
    for split_name, split, count in (
        ("train", data.train, train_per_class),
        ("test", data.test, test_per_class),
    ):
        for class_id in range(len(CLASS_NAMES)):
            images = split.images[split.labels == class_id][:count]
            path = directory / sheet_name(split_name, class_id)
            to_sheet(images).save(path, optimize=True)
            sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (directory / "checksums.json").write_text(json.dumps(sums, indent=1) + "\n")


def _load_sample(directory: Path, problems: tuple[str, ...] = ()) -> Dataset:
    try:
        sums = json.loads((directory / "checksums.json").read_text())
    except (OSError, ValueError) as error:
        raise DataError(
            "the bundled sample in {directory} cannot be read ({error}): clone again", directory=directory, error=error
        ) from error
    splits = {}
    for split in ("train", "test"):
        sheets = [_read_sheet(directory / sheet_name(split, class_id), sums) for class_id in range(len(CLASS_NAMES))]
        # Interleaved, so that any run of consecutive images has all classes in equal parts.
        images = torch.stack(sheets, dim=1).reshape(-1, SIDE, SIDE)
        labels = torch.arange(len(CLASS_NAMES)).repeat(len(sheets[0]))
        splits[split] = Split(images, labels)
    return Dataset(splits["train"], splits["test"], "sample", directory, problems)


def _read_sheet(path: Path, sums: dict[str, str]) -> Tensor:
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sums.get(path.name):
            raise DataError("{path} has a wrong checksum: it is damaged; check the file out again", path=path)
        with Image.open(path, formats=["PNG"]) as sheet:
            return from_sheet(sheet)
    except (OSError, zlib.error) as error:
        raise DataError("{path} cannot be read ({error}): check the file out again", path=path, error=error) from error
