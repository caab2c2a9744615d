"""The data set is what it says it is, from each of its sources, or a clear error."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch

from nin.data import dataset, fashion_mnist
from nin.data.fashion_mnist import CLASS_NAMES, IDX_FILES, SAMPLE_DIR, IdxFile
from nin.errors import DataError


def test_the_sample_is_large_enough_balanced_and_small_on_disk() -> None:
    sample = dataset.load("sample")
    assert sample.source == "sample"
    assert sample.train.images.shape == (10_000, 28, 28)
    assert sample.test.images.shape == (2_000, 28, 28)
    assert torch.bincount(sample.train.labels).tolist() == [1_000] * 10
    assert torch.bincount(sample.test.labels).tolist() == [200] * 10
    assert sample.train.images.dtype == torch.uint8
    assert sum(path.stat().st_size for path in SAMPLE_DIR.iterdir()) < 8_000_000


def test_any_stretch_of_the_sample_has_all_classes() -> None:
    labels = dataset.load("sample").train.labels
    assert torch.bincount(labels[500:600]).tolist() == [10] * 10


def test_the_sample_looks_like_fashion_mnist() -> None:
    sample = dataset.load("sample")
    pixels = sample.train.images.float() / 255
    assert pixels.mean().item() == pytest.approx(fashion_mnist.PIXEL_MEAN, abs=0.01)
    assert pixels.std().item() == pytest.approx(fashion_mnist.PIXEL_STD, abs=0.01)
    trousers = pixels[sample.train.labels == CLASS_NAMES.index("Trouser")].mean(0)
    boots = pixels[sample.train.labels == CLASS_NAMES.index("Ankle boot")].mean(0)
    assert trousers[:, 12:16].mean() > trousers[:, :4].mean()  # upright and narrow
    assert boots[20:, :].mean() > boots[:4, :].mean()  # on the ground


@pytest.fixture
def idx_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four IDX files made from the sample, with the table of checksums to match."""
    sample = dataset.load("sample")
    directory = tmp_path / "idx"
    directory.mkdir()
    table = {}
    for (split, what), file in IDX_FILES.items():
        tensor = getattr(getattr(sample, split), what)[:50].to(torch.uint8)
        header = bytes([0, 0, 8, tensor.dim()]) + b"".join(n.to_bytes(4, "big") for n in tensor.shape)
        content = header + tensor.numpy().tobytes()
        (directory / f"{file.name}.gz").write_bytes(gzip.compress(content))
        table[split, what] = IdxFile(file.name, hashlib.md5(content, usedforsecurity=False).hexdigest())
    monkeypatch.setattr(dataset, "IDX_FILES", table)
    return directory


def test_a_named_directory_is_read(idx_directory: Path) -> None:
    loaded, sample = dataset.load(idx_directory), dataset.load("sample")
    assert loaded.source == "directory"
    assert torch.equal(loaded.train.images, sample.train.images[:50])
    assert torch.equal(loaded.test.labels, sample.test.labels[:50])


def test_unpacked_files_are_read_too(idx_directory: Path) -> None:
    for path in idx_directory.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert len(dataset.load(idx_directory).train.labels) == 50


@pytest.mark.parametrize(
    "place",
    [
        lambda name: name.replace("-idx", ".idx"),  # what 7-Zip makes of them
        lambda name: name.upper(),
        lambda name: f"fashion-mnist/{name}",  # unpacked into a folder of the archive's own
        lambda name: f"fashion-mnist-master/data/fashion/{name}",
        lambda name: f"{name}/{name}",  # a folder for each file
        lambda name: f"{name.split('-')[0]}/{name.replace('-idx', '.idx')}.gz",
    ],
    ids=["7-Zip", "capitals", "one down", "three down", "folders of their own", "scattered"],
)
def test_the_files_are_found_under_other_names_and_in_folders_below(idx_directory: Path, tmp_path: Path, place) -> None:
    root = tmp_path / "brought"
    for path in idx_directory.glob("*.gz"):
        target = root / place(path.stem)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes() if target.suffix == ".gz" else gzip.decompress(path.read_bytes()))
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "._train-images-idx3-ubyte").write_bytes(b"junk")
    loaded = dataset.load(root)
    assert loaded.source == "directory"
    assert len(loaded.train.labels) == 50
    assert loaded.path.is_relative_to(root)


def test_the_nearest_files_are_taken_and_a_directory_named_by_mistake_is_not_searched_to_its_end(
    idx_directory: Path, tmp_path: Path
) -> None:
    older = idx_directory / "older"
    older.mkdir()
    for path in idx_directory.glob("*.gz"):
        (older / path.name).write_bytes(b"damaged")
    assert len(dataset.load(idx_directory).train.labels) == 50
    deep = tmp_path / "home" / "a" / "b" / "c" / "d"
    shutil.copytree(idx_directory, deep)
    with pytest.raises(DataError, match="home holds no Fashion-MNIST"):
        dataset.load(tmp_path / "home")


def test_what_torchvisions_downloader_leaves_is_found(idx_directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "download"
    shutil.copytree(idx_directory, root / "FashionMNIST" / "raw")
    assert dataset.load(root).source == "directory"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "cannot be read|wrong checksum"),
        (lambda path: path.write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x01\x05")), "wrong checksum"),
        (lambda path: path.write_bytes(b""), "wrong checksum|cannot be read"),
        (lambda path: path.unlink(), "has no train-images"),
    ],
    ids=["truncated", "another file", "empty", "missing"],
)
def test_a_bad_file_is_named(idx_directory: Path, spoil, message: str) -> None:
    spoil(idx_directory / "train-images-idx3-ubyte.gz")
    with pytest.raises(DataError, match=message) as error:
        dataset.load(idx_directory)
    assert "train-images-idx3-ubyte" in str(error.value)


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere is not a directory"):
        dataset.load(tmp_path / "nowhere")


def test_a_damaged_download_is_passed_over_and_reported(
    idx_directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NIN_DATA")
    monkeypatch.setattr(dataset, "DEBIAN_DIR", tmp_path / "none")
    monkeypatch.setattr(dataset, "DOWNLOAD_RAW_DIR", idx_directory)
    assert dataset.load().source == "download"
    (idx_directory / "t10k-labels-idx1-ubyte.gz").write_bytes(b"junk")
    fallen_back = dataset.load()
    assert fallen_back.source == "sample"
    assert "t10k-labels" in fallen_back.problems[0]


def test_an_incomplete_download_is_not_what_is_used(
    idx_directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NIN_DATA")
    for module in (dataset, fashion_mnist):
        monkeypatch.setattr(module, "DEBIAN_DIR", tmp_path / "none")
        monkeypatch.setattr(module, "DOWNLOAD_RAW_DIR", idx_directory)
    assert fashion_mnist.find_source() == dataset.load().source == "download"
    (idx_directory / "t10k-labels-idx1-ubyte.gz").unlink()
    assert fashion_mnist.find_source() == dataset.load().source == "sample"


def test_a_damaged_sheet_of_the_sample_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "sample"
    shutil.copytree(SAMPLE_DIR, copy)
    monkeypatch.setattr(dataset, "SAMPLE_DIR", copy)
    sheet = copy / "test-8-bag.png"
    sheet.write_bytes(sheet.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"test-8-bag\.png has a wrong checksum"):
        dataset.load("sample")


def test_the_sample_can_be_written_again(tmp_path: Path) -> None:
    sample = dataset.load("sample")
    dataset.write_sample(sample, tmp_path / "again", train_per_class=80, test_per_class=40)
    again = dataset._load_sample(tmp_path / "again")
    assert torch.equal(again.train.images, sample.train.images[:800])
    sums = json.loads((tmp_path / "again" / "checksums.json").read_text())
    assert len(sums) == 20


def test_a_split_is_cut_with_its_labels() -> None:
    split = dataset.Split(torch.arange(5, dtype=torch.uint8).view(5, 1, 1).expand(5, 28, 28), torch.arange(5))
    assert split.first(2).labels.tolist() == split.first(2).images[:, 0, 0].tolist() == [0, 1]
    assert split.last(2).labels.tolist() == split.last(2).images[:, 0, 0].tolist() == [3, 4]
    assert split.first(None).labels.tolist() == split.first(9).labels.tolist() == split.last(9).labels.tolist()
    assert len(split.last(0).labels) == 0
    assert split.to(torch.device("meta")).labels.device.type == "meta"


def test_half_a_download_and_mnist_under_the_same_names_are_called_what_they_are(idx_directory: Path) -> None:
    path = idx_directory / "train-images-idx3-ubyte.gz"
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content[:-1000]))
    with pytest.raises(DataError, match=r"has 38,216 of its 39,216 bytes, as after a download that was cut off"):
        dataset.load(idx_directory)
    strokes = (torch.arange(50 * 784) % 784 < 103).to(torch.uint8) * 254  # as dark as digits are
    path.write_bytes(gzip.compress(content[:16] + strokes.numpy().tobytes()))
    with pytest.raises(DataError, match="holds handwritten digits: it is MNIST"):
        dataset.load(idx_directory)


@pytest.fixture
def csv_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kaggle's two files, with a few images each."""
    sample = dataset.load("sample")
    monkeypatch.setattr(dataset, "CSV_IMAGES", {"train": 200, "test": 100})
    for name, split in (("train", sample.train.first(200)), ("test", sample.test.first(100))):
        rows = torch.cat([split.labels[:, None].to(torch.uint8), split.images.reshape(-1, 784)], dim=1).tolist()
        lines = [",".join(["label", *(f"pixel{i}" for i in range(1, 785))]), *(",".join(map(str, row)) for row in rows)]
        path = tmp_path / "archive" / f"fashion-mnist_{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    return tmp_path


def test_kaggles_two_files_are_read(csv_directory: Path) -> None:
    loaded, sample = dataset.load(csv_directory), dataset.load("sample")
    assert loaded.source == "directory"
    assert torch.equal(loaded.train.images, sample.train.images[:200])
    assert torch.equal(loaded.test.labels, sample.test.labels[:100])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "has fashion-mnist_train.csv and no fashion-mnist_test.csv"),
        (lambda path: path.write_bytes(path.read_bytes()[:-50_000]), "cannot be read|should have 100 of 785"),
        (lambda path: path.write_text("label,pixel1\n1,2\n"), "has 1 images of 2 values"),
        (lambda path: path.write_text(path.read_text().replace("\n0,", "\n1,")), "holds other images than"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.write_text("label\n=1+1\n"), "cannot be read"),
    ],
    ids=["one missing", "cut off", "another table", "other labels", "empty", "a formula"],
)
def test_what_is_wrong_with_kaggles_files_is_said(csv_directory: Path, spoil, message: str) -> None:
    spoil(csv_directory / "archive" / "fashion-mnist_test.csv")
    with pytest.raises(DataError, match=message):
        dataset.load(csv_directory)


def test_a_directory_of_nothing_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no Fashion-MNIST: name a directory with .* or fetch them"):
        dataset.load(tmp_path)
