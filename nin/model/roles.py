"""The part that a stage or layer plays, whatever its number: how layers of two networks are matched."""

from __future__ import annotations

from typing import NamedTuple

from nin.model.architecture import Architecture, Block, Dropout, Pool

LAST = -1  # the block with a map for each class, however many are before it


class Role(NamedTuple):
    part: str  # "block", "convolution", "relu", "pool", "dropout", "global pool", "logits"; "flatten" or "dense"
    block: int  # the block that it is, belongs to or follows, from 1; LAST for the last, and for a dense head
    place: int = 0  # of a convolution or ReLU in its block: 0 for the spatial one, then the 1×1 ones by number


def roles(architecture: Architecture) -> dict[str, Role]:
    """The role of every stage ("0") and of every layer in a block ("0.2"), in order."""
    found: dict[str, Role] = {}
    stages = architecture.built_stages
    # A dense head stands in for the last block: the ones that are there are not the last.
    blocks_left = sum(isinstance(stage, Block) for stage in stages) + (not architecture.has_class_maps)
    block = 0
    for index, stage in enumerate(stages):
        match stage:
            case Block():
                blocks_left -= 1
                block = block + 1 if blocks_left else LAST
                found[str(index)] = Role("block", block)
                parts = [Role(part, block, i) for i in range(len(stage.channels)) for part in ("convolution", "relu")]
                if block == LAST and architecture.logit_head:
                    parts.pop()  # there is no ReLU behind the last convolution
                found |= {f"{index}.{number}": role for number, role in enumerate(parts)}
            case Pool():
                found[str(index)] = Role("pool", block)
            case Dropout():
                found[str(index)] = Role("dropout", block)
    if architecture.has_class_maps:
        head = [Role("global pool", LAST), Role("logits", LAST)]
    else:
        hidden = range(len(architecture.dense_widths))
        layers = [Role(part, LAST, i) for i in hidden for part in ("dense", "relu")]
        head = [Role("flatten", LAST), *layers, Role("logits", LAST)]
    return {**found, **{str(index): role for index, role in enumerate(head, start=len(stages))}}


def has_class_maps(index: str, architecture: Architecture) -> bool:
    """Whether each channel of a stage or layer belongs to a class: from the network's last convolution on, or,
    where the head is dense, at the logits alone.
    """
    found = roles(architecture)
    role, places = found[index], list(found)
    if not architecture.has_class_maps:
        return role.part == "logits"
    last = max(place for place, name in enumerate(places) if found[name].part == "convolution")
    return role == Role("block", LAST) or places.index(index) >= last


def counterpart(index: str, architecture: Architecture, other: Architecture) -> str | None:
    """The index in `other` of what plays the part that `index` plays in `architecture`; None where nothing does."""
    role = roles(architecture)[index]
    return next((place for place, its_role in roles(other).items() if its_role == role), None)
