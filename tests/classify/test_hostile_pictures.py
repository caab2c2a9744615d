"""Files made to do harm are answered or refused in words, within a time and a memory, and harm nobody else."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pytest
from PIL import Image

from nin.classify import picture_process
from nin.classify.picture_process import PictureProcess
from nin.errors import PictureError
from tests.classify import hostile
from tests.classify.attack import MOST_CPU_SECONDS, MOST_MEGABYTES, attack

SOUND = hostile.sound_files()["PNG"]


@pytest.fixture(scope="module")
def decoder() -> Iterator[PictureProcess]:
    decoder = PictureProcess()
    yield decoder
    decoder.close()


def test_every_kind_of_hostile_file_is_answered_or_refused(decoder: PictureProcess) -> None:
    some = [
        *hostile.bombs(),
        *hostile.burdened(),
        *itertools.islice(hostile.polyglots(), 0, None, 5),
        *itertools.islice(hostile.malformed_headers(), 0, None, 9),
        *itertools.islice(hostile.truncated(step=200), 0, None, 9),
    ]
    outcome = attack(decoder, some)
    assert outcome.errors == []
    assert outcome.files > 100
    assert outcome.refused > 50
    assert outcome.longest[0] < MOST_CPU_SECONDS, outcome.longest
    assert outcome.largest[0] < MOST_MEGABYTES, outcome.largest


def test_a_file_is_what_it_holds_and_not_what_it_is_called(decoder: PictureProcess) -> None:
    outcome = attack(decoder, itertools.islice(hostile.wrong_names(), 0, None, 3))
    assert (outcome.errors, outcome.refused) == ([], 0)


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_decoded(
    decoder: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder.open(SOUND)
    process = decoder.pid
    large = io.BytesIO()
    Image.effect_noise((3000, 3000), 100).save(large, "PNG", compress_level=1)
    monkeypatch.setattr(picture_process, "WALL_SECONDS", 0.0)
    with pytest.raises(PictureError, match=r"slow\.png takes too long"):
        decoder.open(large.getvalue(), "slow.png")
    monkeypatch.undo()
    assert decoder.open(SOUND).size == (64, 48)
    assert decoder.pid != process


def test_a_process_that_has_died_is_started_again(decoder: PictureProcess) -> None:
    decoder.open(SOUND)
    process = decoder._process
    assert process is not None
    process.kill()
    process.wait()
    assert decoder.open(SOUND).size == (64, 48)


@pytest.mark.parametrize("name", ["nul\0.png", "a" * 5000, "..", ""])
def test_names_that_no_file_can_have(decoder: PictureProcess, name: str) -> None:
    with pytest.raises(PictureError, match="cannot be read"):
        decoder.open(name)
