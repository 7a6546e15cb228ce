"""Poses in 3D, where there are any: as they are, or through other cameras."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmalign.errors import InputError
from mmalign.functional.camera import orbit
from mmalign.registry import TRANSFORMS

UPRIGHT = {
    "z": np.eye(3),
    "y": np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "-y": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]),
}
"""Matrices ``(3, 3)`` that turn a world whose named axis points up into one where z does."""


@TRANSFORMS.register_module()
class Use3DKeypoints(BaseTransform):
    """Take the 3D poses in the place of the 2D ones, for networks of coordinates.

    It comes before all other transforms but corruptions, which change the poses they find. Neither
    which way is up nor where the body faces matters to them.

    Required keys: ``keypoint_3d``, ``keypoint_score``, ``sample_id``.

    Modified keys: ``keypoint``, now ``(1, T, K, 3)``. Removed: ``keypoint_3d``.

    Raises:
        InputError: A clip has no 3D poses, or no more: another transform came before.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replace ``keypoint``."""
        results, points = _take_points(results, type(self).__name__)
        return dict(results, keypoint=points)


@TRANSFORMS.register_module()
class RandomCamera(BaseTransform):
    """See the 3D poses through one random camera: a view from elsewhere, of the same moments.

    Two views of a clip through two cameras teach that an activity looks different from elsewhere
    and is the same. Not in the paper, whose future work it is (Sec. 5). It comes before all other
    transforms, which change the 2D poses only. Nothing hides anything: joints keep their scores.

    Required keys: ``keypoint_3d``, ``keypoint_score``, ``sample_id``, ``rng``.

    Modified keys: ``keypoint``, ``img_shape``. Removed: ``keypoint_3d``.

    Args:
        azimuth: range in degrees about the upright axis.
        elevation: range in degrees above the horizontal.
        distance: range in diagonals of the box of all joints of the clip, above 0.5; the nearer,
            the stronger the perspective.
        roll: range in degrees about the viewing direction.
        up: axis of the 3D poses that points up: ``'z'``, ``'y'``, or ``'-y'`` as in the frame of a
            camera.
        prob: probability per clip; else the 2D poses stay.

    Raises:
        InputError: A clip has no 3D poses, or no more: another transform came before.
    """

    image_size = (720, 1280)

    def __init__(
        self,
        azimuth: tuple[float, float] = (-180.0, 180.0),
        elevation: tuple[float, float] = (-10.0, 30.0),
        distance: tuple[float, float] = (1.0, 4.0),
        roll: tuple[float, float] = (-5.0, 5.0),
        up: str = "z",
        prob: float = 1.0,
    ) -> None:
        ranges = dict(azimuth=azimuth, elevation=elevation, distance=distance, roll=roll)
        for name, (low, high) in ranges.items():
            if not low <= high:
                raise ValueError(f"{name} must be (low, high), found {(low, high)}")
        if not distance[0] > 0.5:
            raise ValueError(f"distance must be above 0.5, found {distance}")
        if up not in UPRIGHT:
            raise ValueError(f"up must be one of {', '.join(UPRIGHT)}, found {up!r}")
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must be in [0, 1], found {prob}")
        self.ranges, self.up, self.prob = ranges, up, prob

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replace ``keypoint``."""
        results, points = _take_points(results, type(self).__name__)
        there = results["keypoint_score"] > 0
        rng = results["rng"]
        if rng.random() >= self.prob or not there.any():
            return results
        points = points @ UPRIGHT[self.up].T
        drawn = {name: float(rng.uniform(*limits)) for name, limits in self.ranges.items()}
        camera = orbit(points[there], **drawn, image_size=self.image_size)
        # What is absent lies nowhere, which may be behind the camera.
        pixels, _ = camera.project(np.where(there[..., None], points, camera.target))
        keypoint = np.where(there[..., None], pixels, 0).astype(np.float32)
        return dict(results, keypoint=keypoint, img_shape=self.image_size)


def without_points(results: dict[str, Any]) -> dict[str, Any]:
    """The results of a transform that changes the 2D poses alone, without the 3D ones."""
    return {key: value for key, value in results.items() if key != "keypoint_3d"}


def _take_points(results: dict[str, Any], name: str) -> tuple[dict[str, Any], np.ndarray]:
    """The results without ``keypoint_3d``, and it."""
    points = results.get("keypoint_3d")
    if points is None:
        raise InputError(
            f"{name}: sequence {results['sample_id'] or 'of the input'} has no 3D poses; give it"
            " data with keypoints3d, and put the transform before those that change poses or time"
        )
    return without_points(results), points
