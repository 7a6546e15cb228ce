"""Packing of pipeline results for the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmalign.errors import InputError
from mmalign.registry import TRANSFORMS
from mmalign.structures import AlignmentDataSample
from mmalign.structures.modalities import packable

META_KEYS = (
    "sample_id",
    "split",
    "action",
    "protocol",
    "window",
    "num_frames",
    "fps",
    "skeleton",
)


@TRANSFORMS.register_module()
class PackAlignmentInputs(BaseTransform):
    """Pack one or two views.

    Required keys: ``views`` or, for a single view, what a view has: ``frame_inds`` and, per
    modality, either ``heatmap`` or ``keypoint`` and ``keypoint_score`` (``pose``), or the
    modality's own key of :class:`~mmalign.datasets.transforms.LoadFrames`.

    Added keys: ``inputs``: ``{modality: [view, ...]}``. A view of ``pose`` is a ``(T, K, D + 1)``
    tensor of x, y (and z) and score, all 0 where a joint is absent, or a ``(T, C, H, W)`` tensor of
    heatmaps; of any other modality a ``(T, C, H, W)`` tensor of its type in the table of
    :mod:`~mmalign.structures.modalities`.
    ``data_samples``: :class:`~mmalign.structures.AlignmentDataSample`.

    Args:
        modalities: what is packed, in this order: some of
            :func:`~mmalign.structures.modalities.packable`.
    """

    def __init__(self, modalities: Sequence[str] = ("pose",)) -> None:
        unknown = sorted(set(modalities) - set(packable()))
        if unknown or not modalities:
            raise InputError(
                f"PackAlignmentInputs: modalities are {list(modalities)}, expected some of"
                f" {', '.join(packable())}"
            )
        self.modalities = tuple(modalities)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Give ``inputs`` and ``data_samples`` alone."""
        views = results.get("views", [results])
        sample = AlignmentDataSample(
            metainfo={key: results[key] for key in META_KEYS if key in results}
        )
        sample.frame_inds = [torch.from_numpy(np.asarray(v["frame_inds"])).float() for v in views]
        labels = views[0].get("labels")
        if labels is not None:
            sample.labels = torch.from_numpy(np.asarray(labels)).long()
        inputs = {name: [_packed(view, name) for view in views] for name in self.modalities}
        return dict(inputs=inputs, data_samples=sample)


def _packed(view: dict[str, Any], modality: str) -> torch.Tensor:
    if modality == "pose":
        return _pose(view)
    if not isinstance(view.get(modality), np.ndarray):  # "depth" is the source's path before.
        raise InputError(
            f"PackAlignmentInputs: the pipeline gives no {modality!r};"
            f" put LoadFrames(modality={modality!r}) before it"
        )
    return torch.from_numpy(view[modality].transpose(0, 3, 1, 2).copy())


def _pose(view: dict[str, Any]) -> torch.Tensor:
    if "heatmap" in view:
        return view["heatmap"]
    keypoints, scores = view["keypoint"][0], view["keypoint_score"][0][..., None]
    # An absent joint's coordinates may be anything, NaN included: no network is to see them.
    pose = np.concatenate([np.where(scores > 0, keypoints, 0), scores], axis=-1)
    return torch.from_numpy(pose.astype(np.float32))
