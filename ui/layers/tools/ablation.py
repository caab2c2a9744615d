"""Ablation: parts of the network switched off, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from nin.data.dataset import Split
from nin.data.fashion_mnist import SIDE
from nin.explain.ablation import Ablation, accuracy_with, can_bypass, classes_at_zero
from nin.explain.channels import Array
from nin.explain.class_maps import shares
from ui.base.controls import control, show
from ui.base.jobs import Job
from ui.base.messages import show_error
from ui.base.request import offer_newest, request
from ui.base.resources import data_name, dataset
from ui.base.text import listed, t
from ui.base.text.classes import class_name, class_names
from ui.layers.maps import OpenLayer
from ui.layers.subject import Network, Subject

# Pixels of network input in the test subset: 2,000 images of 28 px; of larger ones the fewest.
_PIXELS = 2_000 * SIDE**2
_FEWEST = 200
_CHANNELS = "ablation_channels"  # in the session: the channels that are off, by layer
_BYPASS = "ablation_bypass"  # in the session: the 1×1 convolutions that are taken out


def ablation(subject: Subject, layer: OpenLayer, channel: int) -> None:
    _choose_channels(subject, layer, channel)
    off = switched_off(subject)
    if off != subject.ablations:
        st.rerun()  # the maps above are drawn without these parts, too
    _answers(subject)
    data = dataset()
    test = data.test.first(max(_FEWEST, _PIXELS // subject.input_size**2))
    count = len(test.labels)
    asked = request("ablation")
    network = asked.about(subject.network)
    if network is None:
        label = t("layers.ablation_measure", count=f"{count:,}")
        icon = ":material/monitoring:"
        st.button(label, key="ablation_measure", icon=icon, on_click=asked.ask, args=(subject.network,))
        return
    jobs = [_measurement(network.weights, data_name(data), cut, network, test) for cut in ((), off)]
    asked.follow(*jobs)
    running = not all(job.is_done for job in jobs)
    st.fragment(run_every=0.5 if running else None)(_accuracies)(jobs, count, was_running=running)
    offer_newest("ablation", network, subject.network)


def switched_off(subject: Subject) -> tuple[Ablation, ...]:
    """What the visitor has switched off, as far as this network has it."""
    counts = {index: len(subject.maps(index)) for index in subject.features.layers}
    bypassed = [index for index in st.session_state.get(_BYPASS, ()) if index in _pointwise(subject)]
    fitting = {
        index: frozenset(channel for channel in channels if channel < counts.get(index, 0))
        for index, channels in st.session_state.get(_CHANNELS, {}).items()
    }
    silenced = (Ablation(index, channels) for index, channels in sorted(fitting.items()) if channels)
    return (*(Ablation(index) for index in bypassed), *silenced)


def is_anything_off() -> bool:
    """Whether the visitor has switched off anything, in whatever network."""
    return bool(st.session_state.get(_BYPASS)) or any(st.session_state.get(_CHANNELS, {}).values())


def say_what_is_off(subject: Subject) -> None:
    """Above the maps that are drawn without it, with the way back."""
    if subject.ablations:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("layers.ablation_now", what=listed(map(_described, subject.ablations))), width="content")
            st.button(t("layers.ablation_undo"), key="ablation_undo", icon=":material/undo:", on_click=_switch_on)


def _pointwise(subject: Subject) -> list[str]:
    return [index for index in subject.features.layers if can_bypass(subject.module(index))]


def _choose_channels(subject: Subject, layer: OpenLayer, channel: int) -> None:
    """Channels of any layer, gathered one layer at a time, and whole 1×1 convolutions."""
    off: dict[str, list[int]] = st.session_state.setdefault(_CHANNELS, {})
    index = subject.last_layer(layer.index)
    left, right = st.columns(2, gap="large")
    with left:
        _choose_in_layer(subject, layer, off, index)
        _shortcuts(subject, layer, off, index, channel)
    with right:
        pointwise = _pointwise(subject)
        show(**{_BYPASS: [index for index in st.session_state.get(_BYPASS, ()) if index in pointwise]})
        control(
            _BYPASS,
            st.pills,
            t("layers.ablation_bypass"),
            pointwise,
            selection_mode="multi",
            help=t("layers.ablation_bypass_help"),
        )


def _choose_in_layer(subject: Subject, layer: OpenLayer, off: dict[str, list[int]], index: str) -> None:
    name, count = f"ablation_in_{index}", len(layer.maps)
    show(**{name: [channel for channel in off.get(index, []) if channel < count]})
    control(
        name,
        st.multiselect,
        t("layers.ablation_channels", name=f"{layer.index} · {subject.name(layer.index)}"),
        range(count),
        format_func=str,
        placeholder=t("layers.ablation_choose"),
        on_change=lambda: off.update({index: st.session_state[name]}),
    )


def _shortcuts(subject: Subject, layer: OpenLayer, off: dict[str, list[int]], index: str, channel: int) -> None:
    # By what the whole network makes of the item: what is off already is not weak for that.
    strength = abs(subject.whole.maps(layer.index)).max(axis=(1, 2))
    strongest = strength.argsort()[len(strength) // 2 :].tolist()
    with st.container(horizontal=True):
        st.button(
            t("layers.ablation_this", channel=channel),
            key="ablation_this",
            icon=":material/content_cut:",
            on_click=lambda: off.update({index: sorted({*off.get(index, []), channel})}),
        )
        st.button(
            t("layers.ablation_half"), key="ablation_half", on_click=lambda: off.update({index: sorted(strongest)})
        )


def _switch_on() -> None:
    st.session_state[_CHANNELS] = {}
    show(**{_BYPASS: []})


def _described(part: Ablation) -> str:
    if part.channels is None:
        return t("layers.ablation_bypassed", layer=part.layer)
    numbers = ", ".join(map(str, sorted(part.channels)[:12])) + (", …" if len(part.channels) > 12 else "")
    return t("layers.ablation_silenced", layer=part.layer, count=len(part.channels), numbers=numbers)


def _answers(subject: Subject) -> None:
    """The item's ten probabilities and logits, of the whole network and without what is switched off."""
    before, after = subject.whole.probabilities(), subject.probabilities()
    logits = [seen.features.logits[0].tolist() for seen in (subject.whole, subject)]
    whole, without = shares(before), shares(after)
    rows = [
        {
            t("layers.ablation_class"): f"**{name}**" if class_id in (before.argmax(), after.argmax()) else name,
            t("layers.ablation_before"): whole[class_id],
            t("layers.ablation_after"): without[class_id],
            t("layers.ablation_logit"): " → ".join(f"{values[class_id]:z.3f}" for values in logits),
        }
        for class_id, name in enumerate(class_names())
    ]
    if subject.ablations:
        st.markdown(_verdict(before, after))
        for class_id in classes_at_zero(subject.model, subject.ablations):
            if logits[0][class_id] < 0:
                logit = f"{logits[0][class_id]:.3f}"
                st.markdown(t("layers.ablation_negative", label=class_name(class_id), logit=logit))
    else:
        st.markdown(t("layers.ablation_whole"))
    with st.container(key="ablation-answers"):
        st.table(rows, hide_index=True)


def _verdict(before: Array, after: Array) -> str:
    same = before.argmax() == after.argmax()
    verdict = "layers.ablation_same" if same else "layers.ablation_changed"
    names = {"before": class_name(int(before.argmax())), "after": class_name(int(after.argmax()))}
    confidence = {"was": shares(before)[before.argmax()], "now": shares(after)[after.argmax()]}
    return t(verdict, **names, **confidence)


@st.cache_resource(max_entries=32, show_spinner=False)
def _measurement(
    weights: tuple[str, int, int], data: tuple[str, str], off: tuple[Ablation, ...], _network: Network, _test: Split
) -> Job[float]:
    """Accuracy on these test images; measured once for the same weights and ablations, whoever asks."""

    def work() -> Iterator[tuple[float, float]]:
        for seen, right in accuracy_with(_network.checkpoint, _network.model, off, _test):
            yield seen / len(_test.labels), right / seen

    return Job(work)


def _accuracies(jobs: list[Job[float]], count: int, *, was_running: bool) -> None:
    if was_running and all(job.is_done for job in jobs):
        st.rerun()
    for error in filter(None, (job.error for job in jobs)):
        show_error(error)
        return
    whole, without = jobs
    share = sum(job.share for job in jobs) / len(jobs)
    if share < 1:
        st.progress(share, t("layers.ablation_progress", share=f"{share:.0%}"))
    lost = None if share < 1 else t("layers.ablation_points", points=points_between(whole.latest, without.latest))
    with st.container(horizontal=True, key="ablation-accuracy"):
        for name, job, delta in (("whole", whole, None), ("without", without, lost)):
            if job.latest is not None:
                label = t(f"layers.ablation_accuracy_{name}", count=f"{round(job.share * count):,}")
                st.metric(label, f"{job.latest:.1%}", delta, width="content")


def points_between(before: float, after: float) -> str:
    """The difference of two accuracies as they are printed: 92.0 % and 91.9 % differ by 0.1, whatever is behind them."""
    printed = [float(f"{100 * accuracy:.1f}") for accuracy in (before, after)]
    return f"{printed[1] - printed[0]:+z.1f}"
