"""Networks of MMPose and MMDetection: found by alias or file, built, their weights read safely."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.model.utils import revert_sync_batchnorm
from mmengine.registry import DefaultScope

from mmalign.compat.openmmlab_checkpoint import read_openmmlab_checkpoint
from mmalign.errors import InputError

OPTIONS = {"mmpose": ("--model", "--checkpoint"), "mmdet": ("--detector", "--detector-checkpoint")}
"""What a user calls the network and the weights of either package."""


@dataclass
class OpenMMLabModel:
    """A network that is ready to use.

    Attributes:
        network: The network, a module of torch on its device.
        config: Its config.
        meta: What the checkpoint says of its data: joints or classes.
        category: Number of the class to detect, where the index says it.
    """

    network: Any
    config: Config
    meta: dict[str, Any]
    category: int | None = None


@dataclass
class _Found:
    """A config, and what an index says besides: the weights' address, the class to detect."""

    config: Config
    weights: str | None = None
    category: int | None = None


def load_model(scope: str, model: str, checkpoint: str | None, device: str) -> OpenMMLabModel:
    """Build a network and read its weights; nothing in the weights' file is executed.

    Args:
        scope: ``mmpose`` or ``mmdet``, whose alias or config it is.
        model: A config file, or a name or alias of the package's index (for ``mmdet`` also what
            MMPose detects by default: ``human``, ``hand``, ...).
        checkpoint: File of weights; needed with a config file, else those of the index.
        device: Where to put it.

    Raises:
        InputError: If model or weights cannot be used.
    """
    found = _find(scope, model)
    checkpoint = checkpoint or found.weights
    option, weights_option = OPTIONS[scope]
    if checkpoint is None:
        raise InputError(
            f"{option} {model}: a config without weights, expected its checkpoint; name the file"
            f" with {weights_option}"
        )
    content = read_openmmlab_checkpoint(checkpoint)
    try:
        with DefaultScope.overwrite_default_scope(scope):
            network = revert_sync_batchnorm(_registry(scope).build(_for_test(found.config)))
        network.load_state_dict(content.get("state_dict", content))
    # What registries, constructors and torch say of settings or weights that do not fit.
    except (KeyError, TypeError, ValueError, RuntimeError, AssertionError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{checkpoint}: its weights do not fit {option} {model}"
            f" ({' '.join(str(error).split())[:160]}); name the config it was trained with"
        ) from error
    network.eval().requires_grad_(False).to(device)
    if device == "cpu":
        # Convolutions on a CPU are faster so.
        network.to(memory_format=torch.channels_last)
    # What the file says may be of any kind.
    meta = content.get("meta")
    meta = meta.get("dataset_meta") if isinstance(meta, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    return OpenMMLabModel(network, found.config, meta, found.category)


def class_to_detect(detector: OpenMMLabModel, name: str) -> int:
    """Number of the class of people, or of a detector's only class.

    Raises:
        InputError: It has several classes, none of them people.
    """
    if detector.category is not None:
        return detector.category
    classes = detector.meta.get("classes") or detector.meta.get("CLASSES") or ()
    if isinstance(classes, str) or len(classes) < 2:
        return 0
    if "person" not in classes:
        raise InputError(
            f"--detector {name}: finds {', '.join(list(classes)[:5])}, ..., expected `person` among"
            " its classes, or one class only; choose another detector"
        )
    return list(classes).index("person")


def _find(scope: str, model: str) -> _Found:
    """Look up a config file, one of MMPose's default detectors, or an entry of the index."""
    if scope == "mmdet":
        from mmpose.apis.inferencers.utils import default_det_models

        entry = default_det_models.get(model)
        if entry is not None and entry["weights"]:
            return _Found(Config.fromfile(entry["model"]), entry["weights"], entry["cat_ids"][0])
    if not model.endswith(".py"):
        return _find_in_index(scope, model)
    if not Path(model).is_file():
        raise InputError(f"{OPTIONS[scope][0]} {model}: no such config file; check the path")
    try:
        return _Found(Config.fromfile(model))
    except Exception as error:  # The file is code: it may raise anything.
        raise InputError(f"{model}: not a usable config ({error}); correct it") from error


def _find_in_index(scope: str, model: str) -> _Found:
    """Look up a name, an alias, or what precedes the first underscore of a name (``rtmpose-m``).

    Of several that begin so it is the first one for bodies (others are for animals or faces).
    """
    folder = BaseInferencer._get_repo_or_mim_dir(scope)
    beginning, names = None, []
    for entry in BaseInferencer._get_models_from_metafile(folder):
        aliases = entry.get("Alias", [])
        short = entry["Name"].split("_")[0]
        own = [entry["Name"], *([aliases] if isinstance(aliases, str) else aliases)]
        if model in own:
            break
        if short == model and beginning is None and "body_2d_keypoint" in entry["Config"]:
            beginning = entry
        names += [short, *own]
    else:
        entry = beginning
    if entry is None:
        near = ", ".join(difflib.get_close_matches(model, sorted({*names}), n=3, cutoff=0.4))
        raise InputError(
            f"{OPTIONS[scope][0]} {model}: neither a config file (.py) nor in {scope}'s index"
            f"{f' (near it: {near})' if near else ''}; correct it"
        )
    weights = entry["Weights"]
    return _Found(
        Config.fromfile(str(Path(folder) / entry["Config"])),
        weights[0] if isinstance(weights, list) else weights,
    )


def _registry(scope: str) -> Any:
    if scope == "mmpose":
        from mmpose.registry import MODELS
    else:
        from mmdet.registry import MODELS
    return MODELS


def _for_test(config: Config) -> Any:
    """The network's settings less what only training needs: weights to begin with, losses' pace."""
    settings = config.model.copy()
    settings.train_cfg = None
    if "backbone" in settings:
        settings.backbone = {**settings.backbone, "init_cfg": None}
    return settings
