"""A real step in this process, measured: `python -m nin.anatomy.one_step JSON`, started by `nin.anatomy.measurement`.

The plain way, that of the chapter: float32, the whole batch at once, forward, `loss.backward()`, optimizer. Prints a
JSON object a line: {"share": ...} as it goes on, in the end what was measured. Memory on a CPU is the most that was
resident, less what was resident when the libraries were loaded and had taken a small step; on a GPU what torch's
allocator had given out. It may die of what is asked of it: whoever started it takes that for an answer.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nin.anatomy.chapter_networks import CHAPTER_NETWORKS
from nin.engine.device import be_polite, choose_engine, use_all_cores
from nin.model.architecture import Architecture
from nin.model.network import NiN
from nin.process.speed import Load, cores_used

CLASSES = 10
TIMED_SECONDS, TIMED_ROUNDS = 1.0, (3, 20)
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_SAMPLED_SECONDS = 0.002  # where the system does not keep the maximum itself


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def network_of(description: dict[str, Any]) -> nn.Sequential:
    """From {"chapter": name} or {"architecture": fields}."""
    if (name := description.get("chapter")) is not None:
        return CHAPTER_NETWORKS[name].build()
    return NiN(Architecture.from_dict(description["architecture"]))


def optimizer_of(model: nn.Module, name: str, momentum: float = 0.0) -> torch.optim.Optimizer:
    match name:
        case "sgd":
            return torch.optim.SGD(model.parameters(), lr=1e-3, momentum=momentum)
        case "adamw":
            return torch.optim.AdamW(model.parameters(), lr=1e-3)
    return torch.optim.Adam(model.parameters(), lr=1e-3)


def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> None:
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()


def measure_memory(asked: dict[str, Any]) -> dict[str, Any]:
    """The most bytes that training or predicting needs; keys as `nin.anatomy.measurement.MemoryQuestion` has them."""
    engine = choose_engine(asked.get("device", "auto"))
    device, training = engine.device, asked["what"] == "train"
    _load_libraries(device, asked["optimizer"])
    with _peak(device) as peak:
        _limit(asked["limit_bytes"], device)
        model = network_of(asked["network"]).to(device)
        size, n = asked["input_size"], asked["batch_size"]
        images = torch.rand(n, 1, size, size, device=device)
        labels = torch.arange(n, device=device) % CLASSES
        if training:
            optimizer = optimizer_of(model, asked["optimizer"], asked["momentum"])
            train_step(model, optimizer, images[:1], labels[:1])  # makes the optimizer's state
            _tell_progress(model, training=True)
            train_step(model, optimizer, images, labels)
        else:
            model.eval()
            _tell_progress(model, training=False)
            with torch.inference_mode():
                model(images)
        engine.wait()
        taken = peak()
    return {"bytes": taken, "device": engine.name, "hardware": engine.hardware}


def measure_seconds(asked: dict[str, Any]) -> dict[str, Any]:
    """Seconds that a forward pass takes for each image, for several networks: the median of some batches."""
    engine = choose_engine(asked.get("device", "auto"), bfloat16=False)
    seconds, networks, load = {}, asked["networks"], Load()
    for place, (name, described) in enumerate(networks.items()):
        say(share=place / len(networks))
        model = network_of(described).to(engine.device).eval()
        size = described["input_size"]
        images = torch.rand(asked["batch_size"], 1, size, size, device=engine.device)
        with torch.inference_mode():
            seconds[name] = _seconds(lambda model=model, images=images: model(images), engine.wait) / len(images)
        del model, images
        gc.collect()
    is_sure = load.leaves(cores_used(engine))
    return {"seconds": seconds, "device": engine.name, "hardware": engine.hardware, "is_sure": is_sure}


def _seconds(work: Callable[[], object], wait: Callable[[], None]) -> float:
    work()
    least, most = TIMED_ROUNDS
    times: list[float] = []
    while len(times) < least or (len(times) < most and sum(times) < TIMED_SECONDS):
        wait()
        began = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _load_libraries(device: torch.device, optimizer: str) -> None:
    """A small step of a small network: what libraries take for themselves is there before anything is counted."""
    layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Dropout()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, CLASSES)).to(device)
    images, labels = torch.rand(2, 1, 28, 28, device=device), torch.zeros(2, dtype=torch.int64, device=device)
    small = optimizer_of(model, optimizer)
    for _ in range(2):
        train_step(model, small, images, labels)
    gc.collect()


def _tell_progress(model: nn.Sequential, *, training: bool) -> None:
    """Say how far the next pass is, after each layer; the way back, after each parameter, counts as two of them."""
    layers = [layer for layer in model.modules() if not list(layer.children())]
    parameters = list(model.parameters())
    total = len(layers) + (2 * len(parameters) if training else 0)
    done = 0

    def tell(work: int) -> None:
        nonlocal done
        done += work
        say(share=done / total)

    for layer in layers:
        layer.register_forward_hook(lambda *_: tell(1))
    for parameter in parameters if training else ():
        parameter.register_post_accumulate_grad_hook(lambda _: tell(2))


def _limit(limit_bytes: int | None, device: torch.device) -> None:
    """Let this process have so many bytes more, where the system can see to that, and no more."""
    if limit_bytes is None or device.type != "cpu" or not _STATUS.exists():
        return
    import resource

    with suppress(ValueError, OSError):
        most = _of_status("VmData") + limit_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


@contextmanager
def _peak(device: torch.device) -> Iterator[Callable[[], int]]:
    """Yields what tells the most bytes that were in use since, beyond those in use now."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        yield lambda: torch.cuda.max_memory_allocated(device) - before
        return
    try:
        _CLEAR.write_text("5")  # Linux: the maximum begins anew
    except OSError:
        with _sampled_peak() as peak:
            yield peak
        return
    before = _of_status("VmRSS")
    yield lambda: max(0, _of_status("VmHWM") - before)


@contextmanager
def _sampled_peak() -> Iterator[Callable[[], int]]:
    process, stop = psutil.Process(), threading.Event()
    before = highest = process.memory_info().rss

    def sample() -> None:
        nonlocal highest
        while not stop.wait(_SAMPLED_SECONDS):
            highest = max(highest, process.memory_info().rss)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield lambda: highest - before
    finally:
        stop.set()
        thread.join()


def _of_status(name: str) -> int:
    """Bytes, from Linux's account of this process."""
    lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def _die_first() -> None:
    """Where memory runs out all the same, Linux ends this process and no other."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def main() -> None:
    asked = json.loads(sys.argv[1])
    _die_first()
    be_polite()
    use_all_cores()
    try:
        say(**(measure_seconds if asked["what"] == "seconds" else measure_memory)(asked))
    except (MemoryError, RuntimeError) as error:  # torch's allocators raise the second
        say(out_of_memory=str(error)[:500])


if __name__ == "__main__":
    main()
