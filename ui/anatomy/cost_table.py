"""Every layer with its formulas filled in."""

from __future__ import annotations

from html import escape

import streamlit as st
from torch import nn

from nin.model.cost import LayerCost
from ui.anatomy.settings import Chosen
from ui.base.text import t
from ui.base.text.layers import layer_name
from ui.base.text.size import size

_COLUMNS = ("layer", "what", "shape", "parameters", "macs", "activations", "field", "stride")


def cost_table(chosen: Chosen) -> None:
    costs = {layer.index: layer for layer in chosen.cost.layers}
    rows = []
    for index, stage in chosen.network.named_children():
        if isinstance(stage, nn.Sequential):
            name = t("anatomy.stage", index=index, name=layer_name(stage))
            rows.append(f'<tr><th class="stage" colspan="{len(_COLUMNS)}" scope="rowgroup">{escape(name)}</th></tr>')
            inner = [(f"{index}.{place}", layer) for place, layer in stage.named_children()]
        else:
            inner = [(index, stage)]
        rows += [_row(costs[place], layer, chosen.batch_size) for place, layer in inner]
    cost = chosen.cost
    total = [t("anatomy.total"), "", "", f"{cost.parameters:,}", f"{cost.forward_macs:,}"]
    total += [size(cost.activation_bytes * chosen.batch_size), "", ""]
    head = "".join(f'<th scope="col">{escape(t(f"anatomy.column_{column}"))}</th>' for column in _COLUMNS)
    label = escape(t("anatomy.layers_title"))
    with st.container(key="cost-table"):
        st.html(
            f'{_STYLE}<div class="cost-table" tabindex="0" role="region" aria-label="{label}"><table>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody><tfoot>{_cells(total)}</tfoot></table></div>"
        )


def _row(layer: LayerCost, module: nn.Module, batch_size: int) -> str:
    field = layer.receptive_field
    cells = [
        layer.index,
        layer_name(module),
        "×".join(f"{number:,}" for number in (batch_size, *layer.shape[1:])),
        layer.parameter_formula or "0",
        layer.macs_formula or "0",
        size(layer.activation_bytes * batch_size),
        t("layers.field", size=field.size),
        t("anatomy.pixels", count=field.stride),
    ]
    return _cells(cells)


def _cells(texts: list[str]) -> str:
    return f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"


_STYLE = """<style>
.cost-table { overflow-x: auto; font-size: 13px; line-height: 1.4; }
.cost-table:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; border-radius: 4px; }
.cost-table table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cost-table :is(th, td) { padding: 4px 6px; text-align: left; font-weight: 400; border-bottom: 1px solid color-mix(in srgb, currentcolor 15%, transparent); }
.cost-table thead th { font-size: 12px; opacity: 0.8; }
.cost-table :is(th, td):nth-child(n + 4) { text-align: right; }
.cost-table th.stage { text-align: left; font-weight: 600; padding-top: 12px; }
.cost-table tfoot td { font-weight: 600; border-bottom: 0; }
</style>"""
