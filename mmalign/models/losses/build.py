"""The losses of a network by name, from a config of today or of before ``model.losses``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from torch import nn

from mmalign.errors import InputError
from mmalign.registry import MODELS

_OLD_PREFIXES = {"loss_fn.": "losses.loss.", "cross_clip.": "losses.cross_clip."}


def build_losses(
    loss: dict | None, cross_clip: dict | None, losses: Mapping[str, dict | None] | None
) -> nn.ModuleDict:
    """Build the losses.

    Args:
        loss: config of the one called ``loss``; None = none but those of ``losses``.
        cross_clip: config of the one called ``cross_clip``; likewise.
        losses: per name the config of a loss, or None to do without one of a base config.

    Raises:
        InputError: One of the two is in ``losses`` as well, or an entry is no config of a loss.
    """
    short = {"loss": loss, "cross_clip": cross_clip}
    configs = {name: config for name, config in short.items() if config is not None}
    for name, config in (losses or {}).items():
        if config is None:
            configs.pop(name, None)
        elif name in configs:
            raise InputError(
                f"model.{name}: found beside model.losses.{name}, which is the same loss, expected"
                f" one of them; change model.losses.{name}, or leave it out"
            )
        else:
            configs[name] = config
    for name, config in configs.items():
        if not isinstance(config, Mapping) or "type" not in config:
            raise InputError(
                f"model.losses.{name} is {config}, expected the config of a loss, with its type;"
                " write losses=dict(NAME=dict(type='AlignmentLoss', ...))"
            )
    return nn.ModuleDict({name: MODELS.build(config) for name, config in configs.items()})


def logged_name(name: str) -> str:
    """What a loss is called in logs: ``loss`` stays, ``cross_clip`` is ``loss_cross_clip``."""
    return name if name.startswith("loss") else f"loss_{name}"


def rename_old_weights(weights: MutableMapping[str, Any], prefix: str = "") -> None:
    """Give weights of losses that were saved before ``model.losses`` their names of today.

    Args:
        weights: a network's; changed in place.
        prefix: what all their names begin with.
    """
    for name in list(weights):
        for old, new in _OLD_PREFIXES.items():
            if name.startswith(prefix + old):
                weights[prefix + new + name[len(prefix + old) :]] = weights.pop(name)
