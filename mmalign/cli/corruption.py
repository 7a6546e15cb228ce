"""``--corrupt``: put corruptions into the pipelines of a config (see docs/protocol.md)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from mmengine.config import Config

from mmalign.cli.config import iterate_datasets
from mmalign.errors import InputError

# Name on the command line: transform, the name of its level, the highest level.
_KINDS = {"missing": ("MissingLimb", "prob", 1.0), "noise": ("NoisyKeypoints", "std", 1e6)}
_AFTER_CROP = ("NoisyKeypoints",)
_INNER_PIPELINES = ("shared", "view0", "view1")
_CROP = "CropToPoseBox"


def add_corrupt_argument(parser: argparse.ArgumentParser, whom: str) -> None:
    """Add ``--corrupt``, which may be given several times."""
    parser.add_argument(
        "--corrupt",
        action="append",
        default=[],
        type=parse_corruption,
        metavar="KIND:LEVEL",
        help=f"corrupt the poses of {whom}: missing:P, per frame with probability P a random limb"
        " (finger, arm, leg) is absent; noise:S, joints are moved by S heatmap pixels (standard"
        " deviation); may be repeated",
    )


def parse_corruption(text: str) -> dict[str, Any]:
    """Turn ``missing:0.5`` or ``noise:1.0`` into a transform's config.

    Raises:
        argparse.ArgumentTypeError: If it is neither.
    """
    kind, _, level = text.partition(":")
    try:
        value = float(level)
    except ValueError:
        value = float("nan")
    name, argument, most = _KINDS.get(kind, ("", "", -1.0))
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(
            f"found {text!r}, expected missing:P with P from 0 to 1, or noise:S in heatmap pixels"
        )
    return {"type": name, argument: value}


def corrupt_loader(
    cfg: Config, loader: str, corruptions: Sequence[dict[str, Any]], split: str | None = None
) -> None:
    """Put corruptions into the pipeline of every data set of a loader of the config.

    Missing limbs come first of all; noise, whose unit is the heatmap pixel, after each cropping.
    A pipeline that packs no poses needs none. Hooks that look at the training clips through a
    pipeline of their own see them as the training does.

    Args:
        cfg: The config; changed.
        loader: ``train_dataloader`` or ``test_dataloader``.
        corruptions: What :func:`parse_corruption` gave.
        split: Whose clips are corrupted: ``train``, ``val`` or None for all.

    Raises:
        InputError: If noise is wanted and a pipeline crops nothing.
    """
    if not corruptions:
        return
    hooks = cfg.get("custom_hooks") or [] if loader == "train_dataloader" else []
    looking = [hook for hook in hooks if "pipeline" in hook]
    for dataset in [*iterate_datasets(cfg, (loader,)), *looking]:
        pipeline = list(dataset.get("pipeline", []))
        for step in corruptions:
            step = {**step, "split": split}
            if step["type"] not in _AFTER_CROP:
                pipeline.insert(0, step)
                continue
            noisy = _after_crops(pipeline, step)
            if noisy == pipeline and _packs_poses(pipeline):
                raise InputError(
                    f"--corrupt noise: a pipeline of {loader} in {cfg.filename} has no {_CROP},"
                    " which makes heatmap pixels of pixels; put one into it"
                )
            pipeline = noisy
        dataset["pipeline"] = pipeline


def _packs_poses(pipeline: Sequence[Any]) -> bool:
    packers = [step for step in pipeline if "modalities" in step]
    return not packers or any("pose" in step["modalities"] for step in packers)


def _after_crops(pipeline: Sequence[Any], step: dict[str, Any]) -> list[Any]:
    result = []
    for transform in pipeline:
        inner = {key: transform[key] for key in _INNER_PIPELINES if transform.get(key)}
        result.append({**transform, **{k: _after_crops(v, step) for k, v in inner.items()}})
        if str(transform["type"]).split(".")[-1] == _CROP:
            result.append(dict(step))
    return result
