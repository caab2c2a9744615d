"""Photos rendered as drawings, and drawings beside photos."""

import pytest
import torch

from nin.data import dataset
from nin.data.augment import AUGMENTATIONS
from nin.data.dataset import Split
from nin.data.drawings import load_drawings, with_drawings
from nin.data.sketch import PHOTO_SHARE, STYLES, silhouette, sketch, warp
from nin.errors import DataError
from nin.presets import RECIPES


@pytest.fixture(scope="module")
def images():
    return dataset.load().train.images[:64, None].float() / 255


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
def test_each_style_draws_on_the_garment_alone(style, images):
    drawn = style(images, generator())
    assert drawn.shape == images.shape
    assert drawn.isfinite().all()
    assert (drawn[silhouette(images) == 0].abs() < 1e-6).all()
    assert (drawn.flatten(1).amax(1) > 0.1).float().mean() > 0.95
    assert not torch.equal(drawn, images)


def test_the_promised_share_stays_photos(images):
    drawn = sketch(images, generator())
    same = (drawn == images).flatten(1).all(1)
    assert same.sum() == round(PHOTO_SHARE * len(images))
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_the_same_seed_draws_the_same(images):
    assert torch.equal(sketch(images, generator(3)), sketch(images, generator(3)))
    assert not torch.equal(sketch(images, generator(3)), sketch(images, generator(4)))


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_small_batches(images, n):
    assert sketch(images[:n], generator()).shape == (n, 1, 28, 28)


def test_warping_moves_and_keeps_most_of_the_garment(images):
    warped = warp(images, generator())
    assert (warped.mean() / images.mean() - 1).abs() < 0.35


def test_the_recipe_s_augmentation_is_in_the_table():
    assert RECIPES["sketch-aware"].augment in AUGMENTATIONS


def test_the_bundled_drawings():
    drawings = load_drawings()
    assert drawings.images.shape[1:] == (28, 28)
    assert drawings.images.dtype == torch.uint8
    assert drawings.labels.bincount().tolist() == [len(drawings.labels) // 10] * 10
    assert (drawings.images.flatten(1).amax(1) > 0).float().mean() > 0.99


@pytest.mark.parametrize(("photos", "share"), [(900, 0.1), (40, 0.5), (20_000, 0.6)])
def test_drawings_make_up_their_share_and_all_classes_alike(photos, share):
    split = Split(torch.zeros(photos, 28, 28, dtype=torch.uint8), torch.zeros(photos, dtype=torch.int64))
    mixed = with_drawings(split, share)
    count = len(mixed.labels) - photos
    assert abs(count / len(mixed.labels) - share) < 0.01
    per_class = mixed.labels[photos:].bincount(minlength=10)
    assert per_class.max() - per_class.min() <= 1


def test_missing_drawings_are_a_message(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_drawings(tmp_path)
