"""Several pictures at once: a table of answers, and the same as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nin.classify.classifier import Answer, Classifier
from nin.classify.picture_file import open_picture
from nin.data.fashion_mnist import CLASS_NAMES
from nin.errors import LabError
from ui.base.pinned import Pinned, offer_newer, pinned
from ui.base.text import t
from ui.base.weights import Choice


def table_of_answers(files: list[UploadedFile], choice: Choice) -> None:
    """With weights that stay as they were when it was first shown, while a run in training goes on."""
    weights = pinned(choice)
    rows = [_row(file, weights) for file in files]
    table = pd.DataFrame(rows)
    columns = {
        "file": st.column_config.TextColumn(t("classify.column_file")),
        "label": st.column_config.TextColumn(t("classify.column_label")),
        "confidence": st.column_config.ProgressColumn(
            t("classify.column_confidence"), format="percent", min_value=0, max_value=1
        ),
        "known": st.column_config.CheckboxColumn(t("classify.column_known")),
        "error": st.column_config.TextColumn(t("classify.column_error")),
    }
    st.dataframe(table, column_config=columns, column_order=list(columns), hide_index=True, key="classify_many")
    st.download_button(
        t("classify.csv"),
        table.to_csv(index=False),
        "nin-lab-answers.csv",
        "text/csv",
        icon=":material/download:",
        key="classify_csv",
    )
    offer_newer(choice, weights, key="classify_many_again")


def _row(file: UploadedFile, weights: Pinned) -> dict[str, object]:
    try:
        answer = _answer(file.file_id, weights.name, file, weights.classifier)
    except LabError as error:  # of one file: the others have their rows
        return {"file": file.name, "label": "", "error": str(error)}
    shares = dict(zip(CLASS_NAMES, answer.probabilities, strict=True))
    return {"file": file.name, "label": answer.label, "confidence": answer.confidence, "known": answer.known,
            "error": "", **shares}  # fmt: skip


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(file_id: str, weights: tuple[str, int], _file: UploadedFile, _classifier: Classifier) -> Answer:
    return _classifier.classify_picture(open_picture(_file.getvalue(), _file.name))
