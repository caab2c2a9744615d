"""Stages and layers of a network in the words of the book."""

from __future__ import annotations

from torch import nn

from nin.model.network import convolutions
from ui.base.text import t


def layer_name(module: nn.Module) -> str:
    match module:
        case nn.Sequential():
            convolution = module[0]
            k, width = convolution.kernel_size[0], convolutions(module)[-1].out_channels
            return _with_stride(t("layers.name_block", width=width, k=k), convolution.stride[0])
        case nn.Conv2d():
            return _with_stride(t("layers.name_convolution", k=module.kernel_size[0]), module.stride[0])
        case nn.MaxPool2d():
            return t("layers.name_max_pool", k=module.kernel_size, stride=module.stride)
        case nn.AvgPool2d():
            return t("layers.name_average_pool", k=module.kernel_size, stride=module.stride)
        case nn.AdaptiveAvgPool2d():
            return t("layers.name_global_pool")
        case nn.AdaptiveMaxPool2d():
            return t("layers.name_global_max_pool")
        case nn.Linear():
            return t("layers.name_dense", inputs=module.in_features, outputs=module.out_features)
        case nn.Dropout():
            return t("layers.name_dropout", p=f"{module.p:g}")
        case nn.Flatten():
            return t("layers.name_flatten")
    return type(module).__name__


def _with_stride(name: str, stride: int) -> str:
    return name if stride == 1 else t("layers.name_with_stride", name=name, stride=stride)
