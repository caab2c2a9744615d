"""Fashion-MNIST: its facts, its four files, and where they may be on this machine. No torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from nin.paths import ROOT

SIDE = 28  # pixels
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
# Mean and standard deviation of the 60,000 training images' pixels, in [0, 1].
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530

SAMPLE_DIR = ROOT / "data" / "sample"
DOWNLOAD_DIR = ROOT / "data" / "download"  # the root that torchvision's downloader is given
DOWNLOAD_RAW_DIR = DOWNLOAD_DIR / "FashionMNIST" / "raw"
DEBIAN_DIR = Path("/usr/share/datasets/fashion-mnist")  # package dataset-fashion-mnist


class IdxFile(NamedTuple):
    """One of the four published files."""

    name: str  # without ".gz"
    md5: str  # of its content: the download and Debian's package compress it differently


IDX_FILES: dict[tuple[str, str], IdxFile] = {
    ("train", "images"): IdxFile("train-images-idx3-ubyte", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    ("train", "labels"): IdxFile("train-labels-idx1-ubyte", "9018921c3c673c538a1fc5bad174d6f9"),
    ("test", "images"): IdxFile("t10k-images-idx3-ubyte", "8181f5470baa50b63fa0f6fddb340f0a"),
    ("test", "labels"): IdxFile("t10k-labels-idx1-ubyte", "15d484375f8d13e6eb1aabb0c3f46965"),
}


def class_slug(class_id: int) -> str:
    """A class's name as it stands in file names, e.g. "t-shirt-top"."""
    return CLASS_NAMES[class_id].lower().replace("/", "-").replace(" ", "-")


def named_source(directory: str | Path | None) -> str | None:
    """The directory that was asked for, here or by the environment's NIN_DATA; "sample" is the bundled one."""
    return str(directory) if directory else os.environ.get("NIN_DATA") or None


def find_source(directory: str | Path | None = None) -> str:
    """Which source `nin.data.dataset.load` would use, without reading it: whether all files are there, not what is in them."""
    if named := named_source(directory):
        return "sample" if named == "sample" else "directory"
    if all(idx_files_there(DOWNLOAD_RAW_DIR)):
        return "download"
    return "debian" if all(idx_files_there(DEBIAN_DIR)) else "sample"


def idx_files_there(directory: Path) -> list[bool]:
    """For each of the four files whether it is there, gzipped or not."""
    return [any((directory / f"{f.name}{end}").is_file() for end in ("", ".gz")) for f in IDX_FILES.values()]
