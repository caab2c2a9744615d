"""The Anatomy page as a script: it counts as the chapter does, follows its controls, and measures when it is asked to."""

from __future__ import annotations

import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from nin.anatomy.measurement import MeasuredMemory, MeasuredSeconds
from nin.paths import ROOT
from ui.anatomy import measuring


@pytest.fixture
def page() -> AppTest:
    """With the book's network chosen."""
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60).switch_page("pages/anatomy.py").run()
    assert page.selectbox(key="anatomy_preset").value == page.session_state["preset"]  # as the sidebar has it
    return choose(page, preset="classic", recipe="book-sgd")


def table(page: AppTest) -> str:
    return next(html.body for html in page.get("html") if 'class="cost-table"' in html.body)


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def said(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption, *page.warning, *page.success))


def choose(page: AppTest, **values: object) -> AppTest:
    for name, value in values.items():
        kind = page.number_input if name in ("size", "batch") else page.selectbox
        kind(key=f"anatomy_{name}").set_value(value)
    return page.run()


def test_the_books_network_is_counted_as_the_chapter_counts_it(page: AppTest) -> None:
    assert not page.exception
    assert not page.error
    assert metrics(page)["Parameters"] == "1,992,166"
    assert metrics(page)["Multiply-accumulates per image"] == "762,297,352"
    shown = table(page)
    assert "96 × 1 × 11 × 11 + 96 = 11,712" in shown
    assert "96 × 54 × 54 × 1 × 11 × 11 = 33,872,256" in shown
    assert "128×96×54×54" in shown
    notes = said(page)
    assert "256 in × 256 out = 65,536 kernels" not in notes
    assert "96 in × 256 out = 24,576 kernels" in notes
    assert "(N, 10, 5, 5) to (N, 10, 1, 1)" in notes


def test_the_page_follows_its_controls(page: AppTest) -> None:
    choose(page, preset="pocket")
    assert metrics(page)["Parameters"] == "288,490"
    assert page.number_input(key="anatomy_size").value == 28
    choose(page, pointwise=0, batch=16)
    assert "16×48×14×14" in table(page)
    assert "dense layer for each pixel" not in said(page)
    choose(page, head="dense")
    assert not page.exception
    assert page.selectbox(key="anatomy_pooling").disabled
    assert "What does a dense layer cost?" in said(page)
    choose(page, head="block")
    choose(page, pooling="max")
    assert "global max pooling" in said(page)
    assert "AdaptiveMaxPool2d" in page.code[0].value
    choose(page, size=8, preset="classic")
    choose(page, size=20)
    assert "too small for this network" in page.error[0].value
    assert not page.exception


def test_the_code_is_that_of_the_settings(page: AppTest) -> None:
    choose(choose(page, preset="pocket"), optimizer="adam", batch=64, size=56)
    source = page.code[0].value
    assert "torch.optim.Adam(network.parameters(), lr=LR)" in source
    assert "BATCH_SIZE = 64" in source
    assert "INPUT_SIZE = 56" in source


def test_dense_layers_are_seen_to_hold_the_parameters_of_the_other_networks(page: AppTest) -> None:
    shown = next(html.body for html in page.get("html") if "cost-table compare" in html.body)
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", shown)[1:]]
    found = {row[0]: row for row in rows}
    assert found["This network"][2:5] == ["1,992,166", "100.0%", "0.0%"]
    assert found["LeNet"][1:3] == ["1×28×28", "61,706"]
    assert found["AlexNet"][2] == "46,764,746"
    assert found["VGG-11"][2] == "128,806,154"
    assert found["VGG-11"][4] == "92.8%"
    assert all(row[-1] == "not measured yet" for row in rows)


def test_what_is_asked_for_is_measured_and_stands_beside_the_prediction(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory(question):
        yield 0.5, None
        yield 1.0, MeasuredMemory(1_000_000_000 if question.what == "train" else None, 2_000_000_000, "cpu", "a core")

    def seconds(networks, batch_size):
        yield 1.0, MeasuredSeconds(dict.fromkeys(networks, 0.0125), batch_size, "cpu", "a core", is_sure=False)

    monkeypatch.setattr(measuring, "measured_memory", memory)
    monkeypatch.setattr(measuring, "measured_seconds", seconds)
    for tool in ("train", "predict", "seconds"):
        page.button(key=f"anatomy_ask_{tool}").click().run()
    time.sleep(0.5)
    page.run()
    assert not page.exception
    assert "measured 954 MiB" in said(page)
    assert "did not fit into 1.9 GiB" in said(page)
    assert "12.50 ms" in next(html.body for html in page.get("html") if "cost-table compare" in html.body)
    assert "upper bounds" in said(page)


def test_settings_survive_a_change_of_page(page: AppTest) -> None:
    choose(choose(page, preset="paper"), head="gradual", batch=7)
    page.switch_page("pages/layers.py").run()
    page.switch_page("pages/anatomy.py").run()
    assert page.selectbox(key="anatomy_preset").value == "paper"
    assert page.selectbox(key="anatomy_head").value == "gradual"
    assert page.number_input(key="anatomy_batch").value == 7
