"""Spatial augmentations of poses (LA2DS, Sec. 3.2 and Fig. 3): ``frame_inds`` stay as they are.

They come after :class:`~mmalign.datasets.transforms.CropToPoseBox`: coordinates, noise and
mirroring are in heatmap pixels. Absent joints move along, which does no harm: their score stays 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmalign.datasets.transforms.camera import without_points
from mmalign.errors import InputError
from mmalign.functional.pose import mirror, rotate_about, temporal_noise
from mmalign.registry import TRANSFORMS
from mmalign.skeletons import get_skeleton
from mmalign.structures.modalities import FRAMES


class _Spatial(BaseTransform):
    """With probability ``prob`` replace the poses of a clip by :meth:`augment`'s.

    Required keys: ``keypoint``, ``keypoint_score``, ``skeleton``, ``img_shape``, ``rng``.

    Modified keys: ``keypoint``, ``keypoint_score``. Removed: ``keypoint_3d``.
    """

    def __init__(self, prob: float) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must be in [0, 1], found {prob}")
        self.prob = prob

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """New ``(T, K, D)`` and ``(T, K)``."""
        raise NotImplementedError

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replace ``keypoint`` and ``keypoint_score``."""
        results = without_points(results)
        if results["rng"].random() >= self.prob:
            return results
        keypoints, scores = self.augment(
            results["keypoint"][0], results["keypoint_score"][0], results
        )
        return dict(
            results, keypoint=keypoints.astype(np.float32)[None], keypoint_score=scores[None]
        )


@TRANSFORMS.register_module()
class PositionNoise(_Spatial):
    """Gaussian noise on every joint (Table 9: 1 heatmap pixel, probability 0.3).

    Args:
        prob: probability per clip.
        std: standard deviation in heatmap pixels.
        temporal_smoothness: 0 for independent frames; else the length in frames of the smooth
            covariance of Sec. 3.2's variant.
    """

    def __init__(self, prob: float = 0.3, std: float = 1.0, temporal_smoothness: float = 0) -> None:
        super().__init__(prob)
        self.std, self.temporal_smoothness = std, temporal_smoothness

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add noise."""
        noise = temporal_noise(results["rng"], keypoints.shape, self.std, self.temporal_smoothness)
        return keypoints + noise, scores


@TRANSFORMS.register_module()
class OrientationNoise(_Spatial):
    """Turn one random limb, with everything that hangs from it (0.1 radian, probability 0.3).

    Poses in 3D turn about a random axis, the same throughout the clip.

    Args:
        prob: probability per clip.
        std: standard deviation in radians.
        temporal_smoothness: as in :class:`PositionNoise`.
    """

    def __init__(self, prob: float = 0.3, std: float = 0.1, temporal_smoothness: float = 0) -> None:
        super().__init__(prob)
        self.std, self.temporal_smoothness = std, temporal_smoothness

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw a limb, then an angle per frame."""
        limbs = get_skeleton(results["skeleton"]).rotatable
        pivot, joints = limbs[int(results["rng"].integers(len(limbs)))]
        angle = temporal_noise(
            results["rng"], keypoints.shape[:1], self.std, self.temporal_smoothness
        )
        if keypoints.shape[-1] == 3:
            axis = results["rng"].normal(size=3)
            turned = rotate_about(keypoints, pivot, joints, angle, axis / np.linalg.norm(axis))
        else:
            turned = rotate_about(keypoints, pivot, joints, angle)
        # Nothing turns about a joint that is nowhere.
        placed = scores[:, pivot] > 0
        return np.where(placed[:, None, None], turned, keypoints), scores


@TRANSFORMS.register_module()
class PoseFlip(_Spatial):
    """Mirror the clip and swap left and right joints (probability 0.3).

    Added keys: ``flipped``, true where it was done: ``LoadFrames`` then mirrors the frames as well.

    Args:
        prob: probability per clip.

    Raises:
        InputError: frames are loaded already, which would stay as they are.
    """

    def __init__(self, prob: float = 0.3) -> None:
        super().__init__(prob)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Mirror and say so; a second flip undoes the first."""
        for name in FRAMES:
            if isinstance(results.get(name), np.ndarray):
                raise InputError(
                    f"PoseFlip: {name!r} is loaded already and would not be mirrored with the"
                    " poses; put PoseFlip before LoadFrames"
                )
        changed = super().transform(results)
        if changed["keypoint"] is results["keypoint"]:
            return changed
        return dict(changed, flipped=not results.get("flipped", False))

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mirror about the middle of the map."""
        flip_index = get_skeleton(results["skeleton"]).flip_index
        return mirror(keypoints, scores, results["img_shape"][1], flip_index)


@TRANSFORMS.register_module()
class PoseAffine(_Spatial):
    """One random rotation, anisotropic scaling, shear and shift of the whole clip.

    Not in the paper: a stand-in for other cameras and bodies, of poses in 2D.

    Args:
        prob: probability per clip.
        rotation: standard deviation in radians.
        log_scale: standard deviation of the log of the scale in x and in y.
        shear: standard deviation of the shear.
        shift: standard deviation of the shift in heatmap pixels.
    """

    def __init__(
        self,
        prob: float = 0.5,
        rotation: float = 0.1,
        log_scale: float = 0.15,
        shear: float = 0.1,
        shift: float = 1.0,
    ) -> None:
        super().__init__(prob)
        self.rotation, self.log_scale, self.shear, self.shift = rotation, log_scale, shear, shift

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Transform about the middle of the map.

        Raises:
            InputError: The poses are in 3D.
        """
        if keypoints.shape[-1] != 2:
            raise InputError("PoseAffine changes poses in 2D; leave it out of a pipeline in 3D")
        rng = results["rng"]
        angle = rng.normal(0, self.rotation)
        cos, sin = np.cos(angle), np.sin(angle)
        scale = np.diag(np.exp(rng.normal(0, self.log_scale, 2)))
        shear = np.array([[1.0, rng.normal(0, self.shear)], [0.0, 1.0]])
        matrix = np.array([[cos, -sin], [sin, cos]]) @ shear @ scale
        height, width = results["img_shape"]
        middle = np.array([width - 1, height - 1]) / 2
        shift = rng.normal(0, self.shift, 2)
        return (keypoints - middle) @ matrix.T + middle + shift, scores


@TRANSFORMS.register_module()
class JointDropout(_Spatial):
    """Joints are absent at random, as where a detector misses them.

    Not in the paper. Before :class:`~mmalign.datasets.transforms.CropToPoseBox` it changes the box,
    which is that of what is left. A frame keeps at least one of the joints it has.

    Args:
        prob: probability per clip.
        max_share: the share of joints that go missing is drawn from U(0, max_share) per clip.
    """

    def __init__(self, prob: float = 0.5, max_share: float = 0.3) -> None:
        super().__init__(prob)
        if not 0 <= max_share <= 1:
            raise ValueError(f"max_share must be in [0, 1], found {max_share}")
        self.max_share = max_share

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Set scores to 0."""
        rng = results["rng"]
        share = rng.uniform(0, self.max_share)
        # What is drawn highest stays in any case.
        drawn = np.where(scores > 0, rng.random(scores.shape), -1)
        gone = (drawn < share) & (drawn < drawn.max(axis=1, keepdims=True))
        return keypoints, np.where(gone, 0, scores).astype(scores.dtype)


@TRANSFORMS.register_module()
class SideSwap(_Spatial):
    """Left and right change places for some frames, as where an estimator confuses them.

    Not in the paper. In each run of frames the two limbs of one pair do: arms or legs.

    Args:
        prob: probability per clip.
        max_share: the share of the frames is drawn from U(0, max_share) per clip.
        length: smallest and largest number of frames of a run.
    """

    def __init__(
        self, prob: float = 0.3, max_share: float = 0.15, length: tuple[int, int] = (5, 15)
    ) -> None:
        super().__init__(prob)
        if not 0 <= max_share <= 1:
            raise ValueError(f"max_share must be in [0, 1], found {max_share}")
        self.max_share, self.length = max_share, length

    def augment(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Exchange them."""
        rng = results["rng"]
        skeleton = get_skeleton(results["skeleton"])
        limbs = list(skeleton.limb_groups.values())
        order = np.tile(np.arange(skeleton.num_joints), (len(keypoints), 1))
        left = rng.uniform(0, self.max_share) * len(keypoints)
        while limbs and left > 0:
            frames = int(rng.integers(self.length[0], self.length[1] + 1))
            start = int(rng.integers(max(1, len(keypoints) - frames + 1)))
            limb = np.array(limbs[int(rng.integers(len(limbs)))])
            both = np.union1d(limb, skeleton.flip_index[limb])
            order[start : start + frames, both] = skeleton.flip_index[both]
            left -= frames
        swapped = np.take_along_axis(keypoints, order[..., None], axis=1)
        return swapped, np.take_along_axis(scores, order, axis=1)
