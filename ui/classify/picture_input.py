"""The ways to bring a picture: draw it, upload it, photograph it, or take a test image."""

from __future__ import annotations

import random
from base64 import b64encode

import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nin.classify.picture_file import open_picture
from nin.data.fashion_mnist import SIDE
from nin.errors import PictureError
from ui.base.item import current_item, item_from_picture, item_from_test_set, set_current_item
from ui.base.resources import dataset
from ui.base.text import plain, t
from ui.classify.canvas import canvas

MOST_MEGABYTES = 20
_CANVAS, _UPLOAD, _CAMERA = "classify_canvas", "classify_upload", "classify_camera"
_ON_SHEET, _PROBLEM, _FILES = "classify_on_sheet", "classify_problem", "classify_files"


def draw_picture() -> None:
    """A sheet to draw on. Here as below, whatever was done last becomes the visitor's item."""
    with st.container(key="canvas"):
        canvas(key=_CANVAS, initial=_on_sheet(), on_drawn=_take_drawing)


def bring_picture() -> None:
    if _UPLOAD not in st.session_state:  # forgotten when the page was left, and with it what was wrong with them
        st.session_state.pop(_FILES, None)
        st.session_state.pop(_PROBLEM, None)
    with st.container(key="upload"):
        st.file_uploader(
            t("classify.upload"),
            accept_multiple_files=True,
            max_upload_size=MOST_MEGABYTES,
            key=_UPLOAD,
            help=t("classify.upload_help"),
            on_change=_take_upload,
        )
        with st.container(key="classify-problems"):
            for problem in filter(None, st.session_state.get(_PROBLEM, ())):
                st.warning(plain(problem), icon=":material/broken_image:")
    with st.container(horizontal=True, gap="small"):
        st.button(t("classify.test_image"), icon=":material/casino:", key="classify_random", on_click=_take_random)
        with st.popover(t("classify.camera"), icon=":material/photo_camera:"):
            if st.toggle(t("classify.camera_on"), key="classify_camera_on"):
                st.camera_input(t("classify.camera"), key=_CAMERA, on_change=_take_photo, label_visibility="collapsed")


def uploaded_files() -> list[UploadedFile]:
    return st.session_state.get(_UPLOAD) or []


def _on_sheet() -> str | None:
    """What lies on the sheet when the page is opened: the drawing that is the visitor's item."""
    if _CANVAS not in st.session_state:  # widgets are forgotten when their page is left
        item = current_item()
        drawn = item.source == "drawing" and item.picture
        st.session_state[_ON_SHEET] = f"data:image/png;base64,{b64encode(item.picture).decode()}" if drawn else None
    return st.session_state[_ON_SHEET]


def _take_drawing(png: bytes | None) -> None:
    if png is None:
        blank = Image.new("RGBA", (SIDE, SIDE), "white")
        set_current_item(item_from_picture(blank, "drawing", t("classify.about_drawing")))
    else:
        st.session_state[_PROBLEM] = _take([png], [t("classify.about_drawing")], "drawing")


def _take_upload() -> None:
    """Only what is new is looked at: a file that is taken away brings no other back."""
    files = {file.file_id: file for file in uploaded_files()}
    known: dict[str, str] = st.session_state.get(_FILES, {})
    new = [file for file_id, file in files.items() if file_id not in known]
    problems = _take([file.getvalue() for file in new], [file.name for file in new], "upload")
    found = dict(zip((file.file_id for file in new), problems, strict=True))
    st.session_state[_FILES] = {file_id: known.get(file_id, found.get(file_id, "")) for file_id in files}
    st.session_state[_PROBLEM] = list(st.session_state[_FILES].values())


def _take_photo() -> None:
    photo = st.session_state[_CAMERA]
    if photo is not None:
        st.session_state[_PROBLEM] = _take([photo.getvalue()], [t("classify.about_camera")], "camera")


def _take_random() -> None:
    st.session_state[_PROBLEM] = []
    # Nobody's secret depends on which picture comes next.
    set_current_item(item_from_test_set(random.randrange(len(dataset().test.labels))))  # noqa: S311


def _take(contents: list[bytes], names: list[str], source: str) -> list[str]:
    """The last picture that can be read becomes the item. Of each it is returned what is wrong with it, or nothing."""
    problems = []
    for content, name in zip(contents, names, strict=True):
        try:
            set_current_item(item_from_picture(open_picture(content, name), source, name))
            problems.append("")
        except PictureError as error:
            problems.append(str(error))
    return problems
