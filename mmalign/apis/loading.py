"""From a checkpoint file to a network that is ready to embed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmalign.datasets.transforms
import mmalign.models  # noqa: F401
from mmalign.apis.packaged import DEFAULT, is_packaged, read_packaged
from mmalign.compat import read_checkpoint
from mmalign.compat.checkpoint_config import config_of, require_registered
from mmalign.datasets.transforms import LoadFrames, PackAlignmentInputs
from mmalign.errors import InputError
from mmalign.models.aligner import BaseAligner
from mmalign.models.windows import longest_view
from mmalign.registry import MODELS, TRANSFORMS
from mmalign.structures.modalities import MODALITIES, packable

_LOGGER = logging.getLogger("mmalign")
USUAL_FPS = 30.0
"""Frames per second at which faster inputs are embedded if a network's config states no rate."""


@dataclass
class LoadedAligner:
    """A trained network with what it must be fed.

    Attributes:
        model: The network, in evaluation mode.
        pipeline: The test pipeline of its config, for sequences with all that it takes.
        skeleton: Name of the skeleton that it was trained on.
        fps: Frame rate of its data, where the config states it, else None.
        source: The checkpoint's path, or its name.
        packaged: Whether it comes with the package: it may never have seen the activity.
    """

    model: BaseAligner
    pipeline: Compose
    skeleton: str
    fps: float | None
    source: str
    packaged: bool = False

    def common_rate(self, rates: Iterable[float]) -> float:
        """Frames per second at which to embed sequences of these rates: its config's, if stated."""
        return self.fps or min(USUAL_FPS, *rates)

    def check_action(self, action: str) -> None:
        """Check that the network has a readout for an action; ``''``, that of all, it has.

        Raises:
            InputError: If it has none.
        """
        readouts = getattr(self.model, "action_readouts", None)
        known = [] if readouts is None else readouts.actions
        if action and action not in known:
            raise InputError(
                f"action: found {action!r}, expected {', '.join(known) or 'none'}: the actions that"
                f" {self.source} has a readout for"
            )

    def usable(self, with_video: bool) -> list[str]:
        """What the network takes of sequences with or without a video."""
        return [name for name in self.model.modalities if name in _given(with_video)]

    def pipeline_for(self, with_video: bool) -> Compose:
        """The pipeline for sequences with or without a video: what cannot be loaded is left out.

        Raises:
            InputError: If the network needs what they do not have.
        """
        names = self.usable(with_video)
        if not names or (len(names) < len(self.model.modalities) and not self.model.can_lack):
            raise InputError(
                f"{self.source}: takes {', '.join(self.model.modalities)}, found"
                f" {' and '.join(_given(with_video))} alone; give videos, or use a network that"
                " takes less"
            )
        return Compose([step for old in self.pipeline.transforms for step in _kept(old, names)])


def load_aligner(
    checkpoint: str | Path = DEFAULT,
    config: str | Path | Config | None = None,
    device: str = "cpu",
) -> LoadedAligner:
    """Load a network from a checkpoint.

    Args:
        checkpoint: File written by ``mmalign train``, or the name of a network that comes with the
            package (`mmalign models`), of which ``general`` is the default. Nothing in it is
            executed.
        config: Config that the network was trained with, or its file; the one the checkpoint
            carries when not given. A config file is Python and is executed: name one you trust.
        device: Where to put the network.

    Raises:
        InputError: If checkpoint, config or device cannot be used.
    """
    _check_device(device)
    packaged = is_packaged(checkpoint)
    content = read_packaged(str(checkpoint)) if packaged else read_checkpoint(checkpoint)
    if isinstance(config, Config):
        source, cfg = str(config.filename or "the config"), config
    else:
        source = str(checkpoint if config is None else config)
        cfg = config_of(content, checkpoint) if config is None else _config_file(config)
    model_cfg, dataset_cfg = cfg.get("model"), _test_dataset(cfg)
    if not isinstance(model_cfg, Mapping) or dataset_cfg is None:
        raise InputError(
            f"{source}: its config lacks a model or a test_dataloader with a pipeline; expected one"
            " that `mmalign train` can use"
        )
    pipeline_cfg = dataset_cfg["pipeline"]
    if config is None:
        names = {*MODELS.module_dict, *TRANSFORMS.module_dict}
        require_registered([model_cfg, pipeline_cfg], names, source)
    init_default_scope("mmalign")
    try:
        model = MODELS.build(dict(model_cfg))
        pipeline = Compose([TRANSFORMS.build(step) for step in pipeline_cfg])
        model.load_state_dict(content.get("state_dict", content))
    # What a registry, a constructor or torch says of arguments or weights that do not fit.
    except (TypeError, ValueError, KeyError, RuntimeError, AssertionError) as error:
        reason = " ".join(str(error).split())[:160]
        remedy = (
            "it is another version's: train again"
            if config is None
            else "name the config it was trained with"
        )
        raise InputError(
            f"{checkpoint}: its weights do not fit the config of {source} ({reason}); {remedy}"
        ) from error
    broken = [
        name
        for name, value in model.state_dict().items()
        if value.is_floating_point() and not torch.isfinite(value).all()
    ]
    if broken:
        raise InputError(
            f"{checkpoint}: {len(broken)} of its weights are no numbers, the first {broken[0]}: its"
            " training diverged; take an earlier checkpoint, or train at a lower learning rate"
        )
    if lack := model.unfinished():
        _LOGGER.warning("%s: %s", checkpoint, lack)
    if config is None:
        for step in pipeline.transforms:
            if isinstance(step, LoadFrames):
                step.cache_dir = None  # A folder of another machine, maybe of a stranger's choice.
    model.view_frames = longest_view(cfg.get("train_dataloader"))
    return LoadedAligner(
        model=model.eval().to(device),
        pipeline=pipeline,
        skeleton=model.data_preprocessor.skeleton.name,
        fps=dataset_cfg.get("resample_fps"),
        source=str(checkpoint),
        packaged=packaged,
    )


def _given(with_video: bool) -> list[str]:
    """What an input gives: poses, and what is made from its video; it has no other source."""
    sources = ("pose", "video") if with_video else ("pose",)
    return [name for name in packable() if MODALITIES[name].source in sources]


def _check_device(device: str) -> None:
    """Raise an `InputError` if nothing can be computed there."""
    try:
        torch.empty(1, device=device).add_(1)
    # torch says that it was built without it by an AssertionError, and the rest by a RuntimeError.
    except (AssertionError, RuntimeError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"device {device!r}: cannot be used here ({reason:.100}); expected cpu, or what"
            " `mmalign doctor` lists"
        ) from error


def _kept(transform: Any, names: list[str]) -> list[Any]:
    """The transform, or none, or another, where only some modalities are at hand."""
    if isinstance(transform, LoadFrames) and transform.options.modality not in names:
        return []
    if isinstance(transform, PackAlignmentInputs):
        return [PackAlignmentInputs(names)]
    return [transform]


def _config_file(path: str | Path) -> dict[str, Any]:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such config file; check the path")
    try:
        return Config.fromfile(str(path))
    except Exception as error:  # The file is code: it may raise anything.
        raise InputError(f"{path}: not a usable config ({error}); correct it") from error


def _test_dataset(cfg: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The innermost data set of the test loader that has a pipeline."""
    part = cfg.get("test_dataloader")
    while isinstance(part, Mapping):
        if "pipeline" in part:
            return part
        part = part.get("dataset")
    return None
