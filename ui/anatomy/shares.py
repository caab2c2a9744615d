"""Where parameters and computation sit: in convolutions that look around, in 1×1 ones, in dense layers."""

from __future__ import annotations

import streamlit as st

from nin.model.cost import KINDS, NetworkCost
from ui.anatomy.bars import by_kind
from ui.base.text import t, together


def shares(cost: NetworkCost) -> None:
    parameters = {kind: cost.parameters_of(kind) for kind in KINDS}
    macs = {kind: cost.macs_of(kind) for kind in KINDS}
    with st.container(key="anatomy-shares"):
        rows = {t("anatomy.parameters"): parameters, t("anatomy.macs_short"): macs}
        by_kind(rows, key="anatomy_shares", share=True)
        said = [
            t(
                "anatomy.share",
                kind=t(f"anatomy.kind_{kind}"),
                parameters=f"{parameters[kind]:,}",
                parameters_share=f"{parameters[kind] / cost.parameters:.1%}",
                macs=f"{macs[kind]:,}",
                macs_share=f"{macs[kind] / cost.forward_macs:.1%}",
            )
            for kind in KINDS
            if parameters[kind]
        ]
        st.caption(together(*said))
