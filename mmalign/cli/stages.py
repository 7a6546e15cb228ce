"""Two-stage training (LA2DS, Sec. 3.4): each encoder with its own loss, then all jointly.

A config of a fused network says in ``stages`` where each branch comes from, by modality::

    stages = dict(
        pose=dict(config="la2ds_pose_toy.py"),  # trained first, in WORK_DIR/stage_pose
        rgb=dict(checkpoint="rgb.pth"),  # trained already
    )

A ``config`` is that of an ``Aligner`` of the modality, its path relative to the fused config's;
``options`` changes entries of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

import mmalign.models  # noqa: F401
from mmalign.compat import read_checkpoint
from mmalign.engine.hooks.checkpoint_state import check_weights
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.registry import MODELS

_PARTS = ("encoder.", "cross.")


@dataclass(frozen=True)
class Stage:
    """Where one branch of a fused network comes from.

    Attributes:
        config: Config file of its training, or None where ``checkpoint`` is given.
        checkpoint: Weights that are there already, or None.
        options: Dotted or nested entries to change in the config.
    """

    config: Path | None = None
    checkpoint: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)


def stages_of(cfg: Config) -> dict[str, Stage]:
    """Read the ``stages`` of a config; empty where it has none.

    Raises:
        InputError: If an entry cannot be used.
    """
    where = cfg.filename or "config"
    branches = list((cfg.get("model") or {}).get("encoders", {}))
    found = {}
    for name, entry in (cfg.get("stages") or {}).items():
        if name not in branches:
            raise InputError(
                f"{where}: stages has {name!r}, expected some of the model's encoders"
                f" ({', '.join(branches) or 'it has none'})"
            )
        given = dict(entry) if isinstance(entry, Mapping) else {"": entry}
        config, checkpoint = given.pop("config", None), given.pop("checkpoint", None)
        options = given.pop("options", {})
        if given or not (config or checkpoint):
            raise InputError(
                f"{where}: stages.{name} is {entry}, expected config='FILE.py' (and options),"
                " or checkpoint='FILE.pth'"
            )
        found[name] = Stage(
            None if checkpoint else Path(where).parent / config,
            Path(checkpoint) if checkpoint else None,
            dict(options),
        )
    return found


def branch_weights(weights: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Weights of a network of one modality under the names of a fused network's branch."""
    weights = {key.removeprefix("module."): weight for key, weight in weights.items()}
    return {f"branches.{name}.{k}": w for k, w in weights.items() if k.startswith(_PARTS)}


def check_fits(cfg: Config, name: str, weights: Mapping[str, Tensor], source: str) -> None:
    """Check that weights of a network of one modality are those of a branch of the fused one.

    Args:
        cfg: The fused network's config.
        name: The modality.
        weights: Of the network of that modality.
        source: Where they are from.

    Raises:
        InputError: If they are not.
    """
    prefix = f"branches.{name}."
    fused = MODELS.build(cfg.model).state_dict()
    expected = {key: weight for key, weight in fused.items() if key.startswith(prefix)}
    check_weights(branch_weights(weights, name), expected, source, exactly=True)


def join_weights(cfg: Config, checkpoints: Mapping[str, Path], path: Path) -> Path:
    """Write what joint training starts from: every branch's weights in one checkpoint.

    Args:
        cfg: The fused network's config.
        checkpoints: Per modality the checkpoint of a network of it alone.
        path: The file to write.

    Returns:
        ``path``.

    Raises:
        InputError: If a checkpoint cannot be used.
    """
    joined: dict[str, Tensor] = {}
    for name, source in checkpoints.items():
        content = read_checkpoint(source)
        weights = content.get("state_dict", content)
        check_fits(cfg, name, weights, str(source))
        joined |= branch_weights(weights, name)
    with atomic_write(path) as temporary:
        torch.save({"state_dict": joined, "meta": {}}, temporary)
    return path
