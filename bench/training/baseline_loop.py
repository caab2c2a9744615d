"""The training loop that everybody writes, as a yardstick: what the benchmark compares with.

After the chapter's code and its many copies: a DataLoader with four workers that enlarge one
PIL image at a time, float32 tensors in the default layout, Adam, and two numbers asked of the
device at each step. Nothing in it is slower than usual, and nothing else uses it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psutil
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from nin.data.dataset import Split
from nin.model.network import NiN, initialise
from nin.presets import Preset

WORKERS = 4  # as in d2l.get_dataloader_workers
PREFETCH = 2  # batches a worker, the DataLoader's default


class Pictures(Dataset):
    """Resize and ToTensor on the image at an index."""

    def __init__(self, split: Split, size: int) -> None:
        self._images, self._labels, self._size = split.images.numpy(), split.labels.tolist(), size

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self._images[index])
        if image.size != (self._size, self._size):
            image = image.resize((self._size, self._size), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(image)).unsqueeze(0).float().div_(255), self._labels[index]


class UsualLoop:
    """Takes steps on and on, epoch after epoch; use as a context, so that the workers end."""

    def __init__(self, preset: Preset, split: Split, device: torch.device, batch_size: int) -> None:
        self._device = device
        self.batch_size = batch_size
        with _too_many_workers_allowed():
            self._loader = DataLoader(
                Pictures(split, preset.architecture.input_size),
                batch_size,
                shuffle=True,
                num_workers=WORKERS,
                drop_last=True,
                persistent_workers=True,
            )
        self._model = initialise(NiN(preset.architecture), "xavier", 0).to(device)
        self._optimizer = torch.optim.Adam(self._model.parameters(), lr=2e-3)
        self._loss = nn.CrossEntropyLoss()
        self._batches = self._endless()

    def _endless(self) -> Iterator[list[Tensor]]:
        while True:
            with _too_many_workers_allowed():
                batches = iter(self._loader)
            yield from batches

    def run(self, steps: int) -> float:
        """Take so many steps; returns the last loss."""
        loss = 0.0
        self._model.train()
        for _ in range(steps):
            images, labels = (tensor.to(self._device) for tensor in next(self._batches))
            self._optimizer.zero_grad()
            logits = self._model(images)
            batch_loss = self._loss(logits, labels)
            batch_loss.backward()
            self._optimizer.step()
            with torch.no_grad():
                loss = float(batch_loss)
                float((logits.argmax(1) == labels).sum())
        return loss

    def use_up_lead(self) -> None:
        """Take what the workers have prepared while nobody trained, which would flatter a short measurement."""
        self.run(WORKERS * PREFETCH)

    def let_workers_finish(self) -> None:
        """Wait until the workers have prepared all they may, so that they leave the cores to others."""
        workers = psutil.Process().children()
        used, before = -1.0, -2.0
        while used > before:
            time.sleep(0.1)
            before, used = used, sum(sum(worker.cpu_times()[:2]) for worker in workers)

    def __enter__(self) -> UsualLoop:
        return self

    def __exit__(self, *_: object) -> None:
        self._batches.close()
        self._loader._iterator = None  # persistent workers end with their iterator


@contextmanager
def _too_many_workers_allowed() -> Iterator[None]:
    """Torch warns of four workers on two cores; but four is the usual."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        yield
