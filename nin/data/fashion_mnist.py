"""Fashion-MNIST: its facts, its four files, and where they may be on this machine. No torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nin.paths import ROOT, own_directory

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
DOWNLOAD_DIR = own_directory() / "data" / "download"  # as torchvision's downloader would lay it out
DOWNLOAD_RAW_DIR = DOWNLOAD_DIR / "FashionMNIST" / "raw"
DEBIAN_DIR = Path("/usr/share/datasets/fashion-mnist")  # package dataset-fashion-mnist
# Below a directory that is named: torchvision puts the files two folders down, and some archives give each
# file a folder of its own. A directory that is named by mistake (one's home) is not searched to its end.
SEARCH_DEPTH, SEARCHED_FOLDERS = 3, 200


class IdxFile(NamedTuple):
    """One of the four published files."""

    name: str  # without ".gz"
    md5: str  # of its content: the download and Debian's package compress it differently

    def goes_by(self, name: str) -> bool:
        """Whether a file of this name is meant: plain or gzipped, with 7-Zip's dot ("train-images.idx3-ubyte"), in capitals."""
        return name.lower().removesuffix(".gz").replace(".", "-") == self.name


IDX_FILES: dict[tuple[str, str], IdxFile] = {
    ("train", "images"): IdxFile("train-images-idx3-ubyte", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    ("train", "labels"): IdxFile("train-labels-idx1-ubyte", "9018921c3c673c538a1fc5bad174d6f9"),
    ("test", "images"): IdxFile("t10k-images-idx3-ubyte", "8181f5470baa50b63fa0f6fddb340f0a"),
    ("test", "labels"): IdxFile("t10k-labels-idx1-ubyte", "15d484375f8d13e6eb1aabb0c3f46965"),
}


# The same as Kaggle has it.
CSV_FILES = {"train": "fashion-mnist_train.csv", "test": "fashion-mnist_test.csv"}
CSV_IMAGES = {"train": 60_000, "test": 10_000}


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
    for source, path in (("download", DOWNLOAD_RAW_DIR), ("debian", DEBIAN_DIR)):
        if len(find_idx_files(path)) == len(IDX_FILES):
            return source
    return "sample"


def find_idx_files(directory: Path) -> dict[tuple[str, str], Path]:
    """Those of the four files that lie in `directory` or in folders below it; the nearest of each."""
    found: dict[tuple[str, str], Path] = {}
    for files in _levels(directory):
        for key, file in IDX_FILES.items():
            for path in files:
                if key not in found and file.goes_by(path.name):
                    found[key] = path
        if len(found) == len(IDX_FILES):
            break
    return found


def find_file(directory: Path, name: str) -> Path | None:
    """The nearest file of this name in `directory` or in folders below it."""
    named = (path for files in _levels(directory) for path in files if path.name.lower() == name)
    return next(named, None)


def _levels(directory: Path) -> Iterator[list[Path]]:
    """The files in `directory`, those in its folders, those in theirs, and so on, as far as is searched."""
    folders, searched = [directory], 0
    for _ in range(SEARCH_DEPTH + 1):
        listings = [_listing(folder) for folder in folders[: SEARCHED_FOLDERS - searched]]
        searched += len(listings)
        yield [path for files, _ in listings for path in files]
        folders = [folder for _, inner in listings for folder in inner]


def _listing(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders in `folder` by name, gzipped files first; nothing where it cannot be read."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return [], []
    files = [path for path in paths if path.is_file()]
    files.sort(key=lambda path: path.suffix.lower() != ".gz")
    return files, [path for path in paths if path.is_dir()]


def image_counts(source: str) -> tuple[int, int]:
    """Training and test images of a source, without reading it."""
    return (10_000, 2_000) if source == "sample" else (60_000, 10_000)
