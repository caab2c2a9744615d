"""The Layers page as a script: it opens for every kind of item, and says so when there are no weights."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from nin.data.fashion_mnist import SIDE
from nin.explain.shipped_top_images import load_shipped
from nin.model.architecture import Variant
from nin.model.network import NiN, initialise
from nin.paths import ROOT, runs_directory
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.run import Run, RunConfig
from nin.storage.weights import find_weights
from ui.base.answers import classifier_for
from ui.base.item import Item, item_from_test_set
from ui.layers.journey import _picture
from ui.layers.place import Place
from ui.layers.subject import look
from ui.layers.tools.ablation import points_between


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setenv("NIN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("NIN_QUEUE", str(tmp_path / "queue"))
    monkeypatch.setenv("NIN_DATA", "sample")
    run = Run.create(RunConfig(preset="pocket"))
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0)
    save_checkpoint(Checkpoint(model.architecture, model.state_dict(), "pocket", True), run.checkpoint_path(0))
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60).switch_page("pages/layers.py")
    page.session_state["weights"] = f"run:{run.id}"
    return page


def number(page: AppTest):
    """The box with the test image's number."""
    return next(box for box in page.number_input if box.key.startswith("layers_item_number"))


@pytest.mark.parametrize(
    "variant", [Variant(head="dense"), Variant(pooling="max"), Variant(pointwise=0, head="gradual")]
)
def test_variations_of_a_network_are_opened_at_every_stage(page, variant):
    run = Run.create(RunConfig(preset="pocket", **{name: value for name, value in vars(variant).items() if value}))
    model = initialise(NiN(variant.of(PRESETS["pocket"].architecture)), "he", seed=0)
    save_checkpoint(Checkpoint(model.architecture, model.state_dict(), "pocket", True), run.checkpoint_path(0))
    page.session_state["weights"] = f"run:{run.id}"
    for index in [name for name, _ in model.named_children()][-4:]:
        page.query_params.update({"layer": index})
        page.session_state["layers_place"] = Place(layer=index, initial_layer=index)
        page.run()
        assert not page.exception, index
        assert not page.error, index
    page.switch_page("pages/classify.py").run()
    assert not page.exception
    assert not page.error
    assert any("dense head" in info.value for info in page.info) == (variant.head == "dense")


def test_opens_with_a_test_image_and_takes_another(page):
    page.run()
    assert not page.exception
    assert not page.error
    assert number(page).value == 9  # the sample's first ankle boot
    number(page).set_value(12).run()
    assert page.session_state["item"].name == "12"
    page.button(key="item_random").click().run()
    assert not page.exception


@pytest.mark.parametrize("kind", ["Conv2d", "ReLU", "MaxPool2d", "Dropout", "AdaptiveAvgPool2d", "Flatten"])
def test_opens_at_a_layer_of_every_kind(page, kind):
    model = NiN(PRESETS["pocket"].architecture)
    index = next(name for name, module in model.named_modules() if type(module).__name__ == kind)
    page.query_params.update({"layer": index, "channel": "3", "row": "1", "column": "2"})
    page.run()
    assert not page.exception
    assert not page.error
    opened = page.session_state["layers_place"]
    assert (opened.layer, opened.channel) == (index, 3)


@pytest.mark.parametrize("said", ["", "99", "-1", "x", "9.9.9", "²"])
def test_an_address_that_says_nonsense_opens_the_page_all_the_same(page, said):
    page.query_params.update(
        dict.fromkeys(("layer", "channel", "row", "column", "item", "weights", "size", "tool"), said)
    )
    page.run()
    assert not page.exception
    assert not page.error


def test_a_damaged_checkpoint_is_left_out_of_the_time_lapse(page):
    run = Run(next(runs_directory().iterdir()))
    for step in (3, 5):
        run.checkpoint_path(step).write_bytes(run.checkpoint_path(0).read_bytes())
    run.checkpoint_path(3).write_bytes(b"cut short")
    page.session_state["layers_tool"] = "timelapse"
    page.run()
    assert not page.exception
    assert not page.error
    assert [said.value for said in page.caption if "step 3 (1 in all)" in said.value]


def test_a_blank_picture_gets_no_answer_on_layers():
    blank = look(Item(bytes(SIDE**2), "drawing", "drawing"), find_weights("pocket-sketch"))
    shown = _picture(blank.weights, blank.pixels, (), "en", blank)
    assert shown["answer"] == []
    assert "blank" in shown["nothing"]


def test_opens_with_a_drawing(page):
    page.session_state["item"] = Item(bytes(SIDE**2), "drawing", "drawing")
    page.run()
    assert not page.exception
    assert number(page).value is None
    number(page).set_value(3).run()
    assert page.session_state["item"].source == "test"


@pytest.mark.parametrize("tool", ["exciting", "filters", "timelapse", "ablation", "compare", "download"])
def test_every_tool_opens(page, tool):
    page.session_state["layers_tool"] = tool
    page.run()
    assert not page.exception
    assert not page.error


def test_top_images_of_shipped_weights_are_there_at_once_and_of_all_training_images(page):
    page.session_state["weights"] = "shipped:pocket"
    page.run()
    assert not any(button.key == "exciting_search" for button in page.button)
    assert any("among 60,000 training images" in text.value for text in page.markdown)
    (gallery,) = [html.body for html in page.get("html") if "<figure>" in html.body]
    shipped = load_shipped(find_weights("pocket"), load_checkpoint(find_weights("pocket"))).found.layers["0.4"]
    shown = [list(map(int, re.findall(r"\((\d+)\)</figcaption>", gallery)))]
    assert shown[0] in shipped.images.tolist()
    # A network that is fed another size answers otherwise: that is searched, when it is asked for.
    page.button_group(key="layers_size_28").set_value(56).run()
    page.button(key="exciting_search")


def test_a_damaged_checkpoint_is_named(page, tmp_path):
    for path in tmp_path.rglob("step-*.safetensors"):
        path.write_bytes(b"damaged")
    page.run()
    assert not page.exception
    assert "is damaged" in page.error[0].value


@pytest.mark.parametrize("where", ["layers", "classify"])
def test_weights_of_a_training_that_went_wrong_are_named(page, tmp_path, where):
    for path in tmp_path.rglob("step-*.safetensors"):
        checkpoint = load_checkpoint(path)
        checkpoint.tensors["0.0.weight"].fill_(float("nan"))
        save_checkpoint(checkpoint, path)
    page.switch_page(f"pages/{where}.py").run()
    assert not page.exception
    assert "gives no numbers" in page.error[0].value


@pytest.mark.parametrize("name", ["pocket", "pocket-sketch"])  # the second is calibrated
def test_layers_and_classify_give_the_same_answer(page, name):
    path, item = find_weights(name), item_from_test_set(9)
    seen, answer = look(item, path), classifier_for(path).classify(item.tensor())
    assert seen.probabilities() == pytest.approx(answer.probabilities, abs=1e-5)
    page.session_state["weights"] = f"shipped:{name}"
    page.run()
    said = [caption.value for caption in page.caption if "temperature" in caption.value]
    assert len(said) == (name == "pocket-sketch")


def test_switching_off_a_class_that_the_network_speaks_against_is_said_to_help_it(page):
    subject = look(item_from_test_set(9), find_weights("pocket"))
    against = int(subject.features.logits[0].argmin())
    assert subject.features.logits[0, against] < 0
    page.session_state["weights"] = "shipped:pocket"
    page.session_state["layers_tool"] = "ablation"
    page.session_state["ablation_channels"] = {"5.4": [against]}
    page.run()
    assert not page.exception
    assert any("makes this class likelier" in text.value for text in page.markdown)
    assert any("Switched off:" in text.value for text in page.markdown)
    page.button(key="ablation_undo").click().run()
    assert not any("Switched off:" in text.value for text in page.markdown)


def test_a_difference_of_accuracies_is_that_of_the_printed_ones():
    assert points_between(0.91951, 0.91949) == "-0.1"  # printed: 92.0 % and 91.9 %
    assert points_between(0.9196, 0.9204) == "+0.0"
    assert points_between(0.92, 0.92) == "+0.0"
