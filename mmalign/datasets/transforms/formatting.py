"""Packing of pipeline results for the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmalign.registry import TRANSFORMS
from mmalign.structures import AlignmentDataSample

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

    Required keys: ``views`` or, for a single view, what a view has: ``frame_inds`` and either
    ``heatmap`` or ``keypoint`` and ``keypoint_score``.

    Added keys: ``inputs``: ``{'pose': [view, ...]}``, each view a ``(T, K, 3)`` tensor of x, y and
    score, all 0 where a joint is absent, or a ``(T, C, H, W)`` tensor of heatmaps;
    ``data_samples``: :class:`~mmalign.structures.AlignmentDataSample`.
    """

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
        return dict(inputs=dict(pose=[_pose(view) for view in views]), data_samples=sample)


def _pose(view: dict[str, Any]) -> torch.Tensor:
    if "heatmap" in view:
        return view["heatmap"]
    keypoints, scores = view["keypoint"][0], view["keypoint_score"][0][..., None]
    # An absent joint's coordinates may be anything, NaN included: no network is to see them.
    pose = np.concatenate([np.where(scores > 0, keypoints, 0), scores], axis=-1)
    return torch.from_numpy(pose.astype(np.float32))
