"""The losses of a network by name, from a config of today or of before ``model.losses``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from torch import nn

from mmalign.errors import InputError
from mmalign.registry import MODELS

_OLD_PREFIXES = {"loss_fn.": "losses.loss.", "cross_clip.": "losses.cross_clip."}


def build_losses(
    loss: dict | None, cross_clip: dict | None, losses: Mapping[str, dict] | None
) -> nn.ModuleDict:
    """Build the losses.

    Args:
        loss: config of the one called ``loss``; None = none but those of ``losses``.
        cross_clip: config of the one called ``cross_clip``; likewise.
        losses: per name the config of a loss; None = none.

    Raises:
        InputError: One of the two is in ``losses`` as well.
    """
    found = {}
    for name, config in (("loss", loss), ("cross_clip", cross_clip)):
        if config is not None:
            found[name] = config
            if name in (losses or {}):
                raise InputError(
                    f"model.{name}: the config has model.losses.{name} besides, which is the same"
                    f" loss, expected one of them; change model.losses.{name}"
                )
    return nn.ModuleDict({k: MODELS.build(v) for k, v in {**found, **(losses or {})}.items()})


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
