"""The lesion lab: parts of the network switched off, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from nin.explain.ablation import Lesion, accuracy_with, can_bypass, logits_with
from nin.explain.channels import Array
from nin.explain.class_maps import shares
from ui.base.jobs import Job
from ui.base.messages import show_error
from ui.base.request import offer_newest, request
from ui.base.resources import data_name, dataset
from ui.base.text import t
from ui.layers.maps import OpenLayer
from ui.layers.subject import Network, Subject

# Pixels of network input in the test subset: 2,000 images of 28 px; of larger ones the fewest.
_PIXELS = 2_000 * SIDE**2
_FEWEST = 200


def lesion_lab(subject: Subject, layer: OpenLayer, channel: int) -> None:
    lesions = _choose_lesions(subject, layer, channel)
    _answers(subject, lesions)
    data = dataset()
    test = data.test.first(max(_FEWEST, _PIXELS // subject.input_size**2))
    count = len(test.labels)
    asked = request("lesion")
    network = asked.about(subject.network)
    if network is None:
        label = t("layers.lesion_measure", count=f"{count:,}")
        icon = ":material/monitoring:"
        st.button(label, key="lesion_measure", icon=icon, on_click=asked.ask, args=(subject.network,))
        return
    jobs = [_measurement(network.weights, data_name(data), cut, network, test) for cut in ((), lesions)]
    asked.follow(*jobs)
    running = not all(job.is_done for job in jobs)
    st.fragment(run_every=0.5 if running else None)(_accuracies)(jobs, count, was_running=running)
    offer_newest("lesion", network, subject.network)


def _choose_lesions(subject: Subject, layer: OpenLayer, channel: int) -> tuple[Lesion, ...]:
    """What is switched off: channels of any layer, gathered one layer at a time, and whole 1x1 convolutions."""
    channels_off: dict[str, list[int]] = st.session_state.setdefault("lesion_channels", {})
    index = subject.last_layer(layer.index)
    count = len(layer.maps)
    left, right = st.columns(2, gap="large")
    with left:
        key = f"lesion_in_{index}"
        st.session_state[key] = [c for c in channels_off.get(index, []) if c < count]
        st.multiselect(
            t("layers.lesion_channels", name=f"{layer.index} · {subject.name(layer.index)}"),
            range(count),
            key=key,
            format_func=lambda number: t("layers.tip_channel").format(channel=number),
            on_change=lambda: channels_off.update({index: st.session_state[key]}),
        )
        with st.container(horizontal=True):
            st.button(
                t("layers.lesion_this", channel=channel),
                key="lesion_this",
                icon=":material/content_cut:",
                on_click=lambda: channels_off.update({index: sorted({*channels_off.get(index, []), channel})}),
            )
            st.button(
                t("layers.lesion_half"),
                key="lesion_half",
                on_click=lambda: channels_off.update(
                    {index: layer.statistics.strength.argsort()[count // 2 :].tolist()}
                ),
            )
            st.button(t("layers.lesion_heal"), key="lesion_heal", icon=":material/healing:", on_click=_heal)
    with right:
        pointwise = [i for i in subject.features.layers if can_bypass(subject.module(i))]
        st.session_state["lesion_bypass"] = [i for i in st.session_state.get("lesion_bypass", ()) if i in pointwise]
        bypassed = st.pills(
            t("layers.lesion_bypass"),
            pointwise,
            selection_mode="multi",
            key="lesion_bypass",
            help=t("layers.lesion_bypass_help"),
            persist_state="session",
        )
    known = {i: len(subject.maps(i)) for i in subject.features.layers}
    fitting = {i: frozenset(c for c in off if c < known.get(i, 0)) for i, off in channels_off.items()}
    lesions = (*(Lesion(i) for i in bypassed), *(Lesion(i, off) for i, off in sorted(fitting.items()) if off))
    if lesions:
        st.markdown(t("layers.lesion_now", what="; ".join(_described(lesion) for lesion in lesions)))
    else:
        st.markdown(t("layers.lesion_whole"))
    return lesions


def _heal() -> None:
    st.session_state["lesion_channels"] = {}
    st.session_state["lesion_bypass"] = []


def _described(lesion: Lesion) -> str:
    if lesion.channels is None:
        return t("layers.lesion_bypassed", layer=lesion.layer)
    numbers = ", ".join(map(str, sorted(lesion.channels)[:12])) + (", …" if len(lesion.channels) > 12 else "")
    return t("layers.lesion_silenced", layer=lesion.layer, count=len(lesion.channels), numbers=numbers)


def _answers(subject: Subject, lesions: tuple[Lesion, ...]) -> None:
    """The item's ten probabilities, whole and hurt."""
    before = subject.probabilities()
    logits = logits_with(subject.model, lesions, subject.features.input)
    after = subject.probabilities(logits)
    whole, hurt = shares(before), shares(after)
    rows = [
        {
            t("layers.lesion_class"): f"**{name}**" if class_id in (before.argmax(), after.argmax()) else name,
            t("layers.lesion_before"): whole[class_id],
            t("layers.lesion_after"): hurt[class_id],
            t(
                "layers.lesion_logit"
            ): f"{float(subject.features.logits[0, class_id]):.3f} → {float(logits[0, class_id]):.3f}",
        }
        for class_id, name in enumerate(CLASS_NAMES)
    ]
    if lesions:
        st.markdown(_verdict(before, after))
    with st.container(key="lesion-answers"):
        st.table(rows, hide_index=True)


def _verdict(before: Array, after: Array) -> str:
    same = before.argmax() == after.argmax()
    verdict = "layers.lesion_same" if same else "layers.lesion_changed"
    names = {"before": CLASS_NAMES[before.argmax()], "after": CLASS_NAMES[after.argmax()]}
    confidence = {"was": shares(before)[before.argmax()], "now": shares(after)[after.argmax()]}
    return t(verdict, **names, **confidence)


@st.cache_resource(max_entries=32, show_spinner=False)
def _measurement(
    weights: tuple[str, int, int], data: tuple[str, str], lesions: tuple[Lesion, ...], _network: Network, _test: Split
) -> Job[float]:
    """Accuracy on these test images; measured once for the same weights and lesions, whoever asks."""

    def work() -> Iterator[tuple[float, float]]:
        for seen, right in accuracy_with(_network.checkpoint, _network.model, lesions, _test):
            yield seen / len(_test.labels), right / seen

    return Job(work)


def _accuracies(jobs: list[Job[float]], count: int, *, was_running: bool) -> None:
    if was_running and all(job.is_done for job in jobs):
        st.rerun()
    for error in filter(None, (job.error for job in jobs)):
        show_error(error)
        return
    whole, hurt = jobs
    share = sum(job.share for job in jobs) / len(jobs)
    if share < 1:
        st.progress(share, t("layers.lesion_progress", share=f"{share:.0%}"))
    lost = None if share < 1 else t("layers.lesion_points", points=f"{100 * (hurt.latest - whole.latest):+.1f}")
    with st.container(horizontal=True, key="lesion-accuracy"):
        for name, job, delta in (("whole", whole, None), ("hurt", hurt, lost)):
            if job.latest is not None:
                label = t(f"layers.lesion_accuracy_{name}", count=f"{round(job.share * count):,}")
                st.metric(label, f"{job.latest:.1%}", delta, width="content")
