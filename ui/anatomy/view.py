"""Everything below the controls, in the order in which it is read."""

from __future__ import annotations

import streamlit as st

from nin.script.script import script_name, write_script
from ui.anatomy.comparison import comparison
from ui.anatomy.cost_table import cost_table
from ui.anatomy.largest_batch import largest_batch
from ui.anatomy.memory import memory
from ui.anatomy.notes import reader_notes
from ui.anatomy.settings import Chosen
from ui.anatomy.shares import shares
from ui.base.navigation import link
from ui.base.text import t


def anatomy(chosen: Chosen) -> None:
    """SettingsError where the input is too small for the network."""
    cost = chosen.cost
    _totals(chosen)
    st.header(t("anatomy.layers_title"))
    st.caption(t("anatomy.layers_about", batch=f"{chosen.batch_size:,}"))
    cost_table(chosen)
    link("pages/layers.py", t("anatomy.to_layers"), ":material/layers:")
    st.header(t("anatomy.notes_title"))
    reader_notes(cost, chosen.network)
    st.header(t("anatomy.shares_title"))
    shares(cost)
    st.header(t("anatomy.memory_title"))
    st.caption(t("anatomy.memory_about"))
    memory(chosen)
    st.subheader(t("anatomy.fit_title"))
    largest_batch(chosen)
    st.header(t("anatomy.compare_title"))
    st.caption(t("anatomy.compare_about"))
    comparison(chosen)
    st.header(t("anatomy.code_title"))
    _code(chosen)


def _totals(chosen: Chosen) -> None:
    cost = chosen.cost
    with st.container(horizontal=True, gap="large", key="anatomy-totals"):
        st.metric(t("anatomy.parameters"), f"{cost.parameters:,}", width="content")
        st.metric(t("anatomy.macs"), f"{cost.forward_macs:,}", width="content", help=t("anatomy.macs_help"))
        field = cost.layers[-1].receptive_field
        st.metric(t("anatomy.layers"), f"{len(cost.layers):,}", width="content")
        start, end = field.windows[0]
        seen = t("anatomy.seen", seen=end - start, size=cost.input_size)
        st.metric(t("anatomy.last_sees"), seen, width="content", help=t("anatomy.last_sees_help"))


def _code(chosen: Chosen) -> None:
    st.caption(t("anatomy.code_about"))
    source, name = write_script(chosen.preset, chosen.recipe), script_name(chosen.preset, chosen.recipe)
    with st.container(key="anatomy-code"):
        st.download_button(
            t("anatomy.code_download", name=name),
            source,
            name,
            mime="text/x-python",
            key="anatomy_download",
            icon=":material/download:",
            on_click="ignore",
        )
        st.code(source, language="python", height=520)
