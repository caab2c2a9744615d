"""Several pictures at once: a table of answers, and the same as a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nin.errors import PictureError
from nin.inference import Answer
from nin.picture import open_picture
from nin.sources import CLASS_NAMES
from ui.answers import classifier_for
from ui.words import t


def table_of_answers(files: list[UploadedFile], path: Path) -> None:
    modified = path.stat().st_mtime_ns if path.exists() else 0
    rows = [_row(file, path, modified) for file in files]
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


def _row(file: UploadedFile, path: Path, modified: int) -> dict[str, object]:
    try:
        answer = _answer(file.file_id, file, str(path), modified)
    except PictureError as error:
        return {"file": file.name, "label": "", "error": str(error)}
    shares = dict(zip(CLASS_NAMES, answer.probabilities, strict=True))
    return {"file": file.name, "label": answer.label, "confidence": answer.confidence, "known": answer.known,
            "error": "", **shares}  # fmt: skip


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(file_id: str, _file: UploadedFile, path: str, modified: int) -> Answer:
    return classifier_for(Path(path)).classify_picture(open_picture(_file.getvalue(), _file.name))
