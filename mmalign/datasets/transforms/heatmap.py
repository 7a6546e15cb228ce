"""From pixels to the heatmap grid, and the maps themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmalign.datasets.transforms.camera import without_points
from mmalign.errors import InputError
from mmalign.functional.heatmap import pose_heatmaps
from mmalign.functional.pose import fit_to_map
from mmalign.registry import TRANSFORMS
from mmalign.skeletons import get_skeleton


@TRANSFORMS.register_module()
class CropToPoseBox(BaseTransform):
    """Crop to the box of all present joints of what is left of the clip, scale to the map.

    Required keys: ``keypoint``, ``keypoint_score``, ``sample_id``.

    Modified keys: ``keypoint`` (now in heatmap pixels; poses in 3D in a cube), ``img_shape`` (the
    map's). Removed: ``keypoint_3d``, which does not follow.

    Args:
        size: side of the square map in pixels (30 in the paper).
        margin: free border in heatmap pixels.
        keep_ratio: letterbox; else stretch to the square.
    """

    def __init__(self, size: int = 30, margin: float = 0.0, keep_ratio: bool = True) -> None:
        self.size, self.margin, self.keep_ratio = size, margin, keep_ratio

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Scale ``keypoint``."""
        keypoints, scores = results["keypoint"][0], results["keypoint_score"][0]
        shape = (self.size,) * keypoints.shape[-1]
        if not (scores > 0).any():
            # A window of a longer clip may show nobody: then every map is empty.
            fitted = np.zeros_like(keypoints)
        else:
            fitted = fit_to_map(keypoints, scores, shape, self.margin, self.keep_ratio)
        if not np.isfinite(fitted[scores > 0]).all():
            raise InputError(
                f"sequence {results['sample_id']!r}: found a coordinate that is not finite at a "
                "joint with a score above 0; set the score of joints without a position to 0"
            )
        return without_points(dict(results, keypoint=fitted[None], img_shape=shape[-2:]))


@TRANSFORMS.register_module()
class GeneratePoseHeatmap(BaseTransform):
    """Render heatmaps in the pipeline (Eq. 1 and 2); the data preprocessor can do it on the device.

    Required keys: ``keypoint``, ``keypoint_score``, ``img_shape``, ``skeleton``.

    Added keys: ``heatmap``: float32 tensor ``(T, C, height, width)``.

    Args:
        mode: ``'joint'``, ``'limb'`` or ``'joint+limb'``.
        sigma: standard deviation in heatmap pixels.
    """

    def __init__(self, mode: str = "joint+limb", sigma: float = 0.6) -> None:
        self.mode, self.sigma = mode, sigma

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add ``heatmap``."""
        maps = pose_heatmaps(
            torch.from_numpy(np.ascontiguousarray(results["keypoint"][0])),
            torch.from_numpy(np.ascontiguousarray(results["keypoint_score"][0])),
            get_skeleton(results["skeleton"]).limbs,
            tuple(results["img_shape"]),
            self.sigma,
            self.mode,
        )
        return dict(results, heatmap=maps)
