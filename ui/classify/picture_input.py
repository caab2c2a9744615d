"""The ways to bring a picture: draw it, upload it, photograph it, or take a test image."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import streamlit as st
from PIL import Image

from nin.classify.picture_file import open_picture
from nin.classify.picture_process import open_strangers_picture
from nin.data.fashion_mnist import SIDE
from nin.errors import Message, PictureError
from ui.base.item import (
    Item,
    item_from_kept,
    item_from_picture,
    item_from_test_set,
    kept_item,
    opened_drawing,
    set_current_item,
)
from ui.base.remember import remember
from ui.base.resources import dataset
from ui.base.text import plain, t
from ui.base.text.errors import said
from ui.classify.canvas import canvas

_NAMED_ONE_BY_ONE = 3  # files that cannot be read; more of them share a message
_CANVAS, _UPLOAD, _CAMERA = "classify_canvas", "classify_upload", "classify_camera"
# In the session: pictures that were uploaded, by the uploader's ids all files; what is wrong with the last, with the photo.
_FILES, _TAKEN = "classify_files", "classify_taken"
_PROBLEMS, _PHOTO_PROBLEM = "classify_problems", "classify_photo_problem"


@dataclass(frozen=True)
class BroughtFile:
    """An uploaded picture; two files may hold the same one."""

    id: str
    item: Item


def draw_picture() -> None:
    """A sheet to draw on. Here as below, whatever was done last becomes the visitor's item."""
    if _CANVAS not in st.session_state:  # the page is opened anew: what was wrong before is nobody's trouble now
        _forget_problems()
    with st.container(key="canvas"):
        canvas(key=_CANVAS, opened=opened_drawing(), on_drawn=_take_drawing)


def bring_picture() -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(t("classify.test_image"), icon=":material/casino:", key="classify_random", on_click=_take_random)
        with st.popover(t("classify.camera"), icon=":material/photo_camera:"):
            _camera()
    with st.container(key="upload"):
        st.file_uploader(
            t("classify.upload"),
            accept_multiple_files=True,
            key=_UPLOAD,
            help=t("classify.upload_help"),
            on_change=_take_upload,
        )
        with st.container(key="classify-problems"):
            _show_problems(st.session_state.get(_PROBLEMS, []))


def brought_files() -> dict[str, BroughtFile]:
    """The pictures that were uploaded, by id; until the visitor takes them away."""
    return st.session_state.get(_FILES, {})


def keep_brought_files(current: Item) -> None:
    """The browser keeps them for after a reload; the one that is open as it is turned, and the part of it that is meant."""
    files = brought_files()
    for file_id, file in files.items():
        if file.item.id == current.id and (file.item.frame, file.item.picture) != (current.frame, current.picture):
            files[file_id] = replace(file, item=current.framed(current.frame))
    remember(
        "files", [kept_item(file.item) for file in files.values()] if _FILES in st.session_state else None, _restore
    )


def forget_files(*ids: str) -> None:
    for file_id in ids:
        brought_files().pop(file_id, None)


def _add_files(items: Sequence[Item]) -> None:
    files = st.session_state.setdefault(_FILES, {})
    files.update({file.id: file for file in (BroughtFile(uuid4().hex, item) for item in items)})


def _restore(kept: Any) -> None:
    items = []
    for entry in kept if isinstance(kept, list) else []:
        with suppress(PictureError):  # only where somebody changed what their browser keeps
            items.append(item_from_kept(entry))
    _add_files([item for item in items if item.source == "upload"])


def _camera() -> None:
    address = urlsplit(st.context.url or "")
    if address.scheme == "http" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        st.caption(t("classify.camera_https"))
    if st.toggle(t("classify.camera_on"), key="classify_camera_on"):
        st.camera_input(t("classify.camera"), key=_CAMERA, on_change=_take_photo, label_visibility="collapsed")
        if problem := st.session_state.get(_PHOTO_PROBLEM):
            st.warning(plain(said(problem)), icon=":material/broken_image:")


def _show_problems(problems: list[Message]) -> None:
    if len(problems) > _NAMED_ONE_BY_ONE:
        lines = "\n".join(f"- {plain(said(problem))}" for problem in problems)
        problems_shown = [f"{t('classify.unreadable', count=len(problems))}\n\n{lines}"]
    else:
        problems_shown = [plain(said(problem)) for problem in problems]
    for problem in problems_shown:
        st.warning(problem, icon=":material/broken_image:")


def _forget_problems() -> None:
    st.session_state.pop(_PROBLEMS, None)
    st.session_state.pop(_PHOTO_PROBLEM, None)


def _take_drawing(drawing: str, png: bytes | None) -> None:
    _forget_problems()
    picture = Image.new("RGBA", (SIDE, SIDE), "white") if png is None else open_picture(png)
    set_current_item(item_from_picture(picture, "drawing", "", drawing))


def _take_upload() -> None:
    """The last new picture that can be read becomes the item; all of them are listed."""
    _forget_problems()
    items, problems = [], []
    taken: set[str] = st.session_state.setdefault(_TAKEN, set())
    for file in st.session_state[_UPLOAD]:
        if file.file_id in taken:
            continue
        taken.add(file.file_id)
        try:
            picture = open_strangers_picture(file.getvalue(), file.name)
            items.append(item_from_picture(picture, "upload", file.name))
        except PictureError as error:
            problems.append(error.message)
    if items:
        set_current_item(*items)
        _add_files(items)
    st.session_state[_PROBLEMS] = problems


def _take_photo() -> None:
    _forget_problems()
    photo = st.session_state[_CAMERA]
    if photo is None:
        return
    name = t("classify.about_camera")
    try:
        set_current_item(item_from_picture(open_strangers_picture(photo.getvalue(), name), "camera", ""))
    except PictureError as error:
        st.session_state[_PHOTO_PROBLEM] = error.message


def _take_random() -> None:
    _forget_problems()
    # Nobody's secret depends on which picture comes next.
    set_current_item(item_from_test_set(random.randrange(len(dataset().test.labels))))  # noqa: S311
