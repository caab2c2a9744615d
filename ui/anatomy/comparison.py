"""This network beside those that the chapter compares with, and beside itself with dense layers at its end."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st
import torch

from nin.anatomy.chapter_networks import CHAPTER_NETWORKS
from nin.anatomy.measurement import MeasuredSeconds, known_seconds
from nin.model.architecture import DENSE_WIDTHS, Architecture
from nin.model.cost import KINDS, NetworkCost, measure_cost
from ui.anatomy.bars import by_kind
from ui.anatomy.measuring import on_request, seconds_job
from ui.anatomy.settings import Chosen, known_cost
from ui.base.text import t

BATCH_SIZE = 8  # images that go through a network at once while it is timed
_ALEXNETS_WIDTHS = (4096, 4096)
_COLUMNS = ("network", "input", "parameters", "in_convolutions", "in_dense", "macs_image", "time")


@dataclass(frozen=True)
class Compared:
    name: str
    cost: NetworkCost
    described: dict[str, Any]  # as nin.anatomy.one_step reads it


def comparison(chosen: Chosen) -> None:
    networks = _networks(chosen)
    described = {network.name: network.described for network in networks}
    measured = known_seconds(described, BATCH_SIZE)
    kinds = {n.name: {kind: n.cost.parameters_of(kind) for kind in KINDS} for n in networks}
    with st.container(key="anatomy-compare"):
        st.subheader(t("anatomy.compare_parameters"))
        texts = {network.name: f"{network.cost.parameters:,}" for network in networks}
        by_kind(kinds, key="anatomy_compare_parameters", share=False, texts=texts)
        st.subheader(t("anatomy.compare_shares"))
        by_kind(kinds, key="anatomy_compare_shares", share=True)
        table = st.container()
        if measured is None:
            name = json.dumps(described, sort_keys=True)
            measured = on_request(
                "seconds",
                name,
                t("anatomy.seconds_measure"),
                lambda attempt: seconds_job(name, attempt, BATCH_SIZE, described),
            )
        with table:
            _table(networks, measured)
        if measured is not None:
            sure = t("anatomy.seconds_sure" if measured.is_sure else "anatomy.seconds_unsure")
            st.caption(t("anatomy.seconds_how", batch=measured.batch_size, hardware=measured.hardware, sure=sure))
        st.caption(t("anatomy.compare_books"))


def _networks(chosen: Chosen) -> list[Compared]:
    architecture = chosen.architecture
    found = [_ours(t("anatomy.this"), architecture)]
    for widths in (DENSE_WIDTHS, _ALEXNETS_WIDTHS):
        dense = replace(architecture, head="dense", pooling="average", dense_widths=widths)
        if dense != architecture:
            said = ", ".join(f"{width:,}" for width in widths)
            found.append(_ours(t("anatomy.this_dense", widths=said), dense))
    for name, network in CHAPTER_NETWORKS.items():
        described = {"chapter": name, "input_size": network.input_size}
        found.append(Compared(t(f"anatomy.chapter_{name}"), _chapter_cost(name), described))
    return found


def _ours(name: str, architecture: Architecture) -> Compared:
    size = architecture.input_size
    return Compared(name, known_cost(architecture), {"architecture": architecture.to_dict(), "input_size": size})


@functools.cache
def _chapter_cost(name: str) -> NetworkCost:
    network = CHAPTER_NETWORKS[name]
    with torch.device("meta"):
        model = network.build()
    return measure_cost(model, network.input_size)


def _table(networks: list[Compared], measured: MeasuredSeconds | None) -> None:
    head = "".join(f'<th scope="col">{escape(t(f"anatomy.column_{column}"))}</th>' for column in _COLUMNS)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _row(n, measured))}</tr>" for n in networks)
    label = escape(t("anatomy.compare_title"))
    st.html(
        f'<div class="cost-table compare" tabindex="0" role="region" aria-label="{label}"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(network: Compared, measured: MeasuredSeconds | None) -> list[str]:
    cost = network.cost
    dense, size = cost.parameters_of("dense"), cost.input_size
    seconds = None if measured is None else measured.seconds.get(network.name)
    return [
        network.name,
        f"1×{size}×{size}",
        f"{cost.parameters:,}",
        f"{(cost.parameters - dense) / cost.parameters:.1%}",
        f"{dense / cost.parameters:.1%}",
        f"{cost.forward_macs:,}",
        t("anatomy.not_measured") if seconds is None else t("anatomy.milliseconds", count=f"{1000 * seconds:,.2f}"),
    ]
