"""What a pose estimator offers to the extraction: boxes of people, and their joints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class PoseBackend(Protocol):
    """A pose estimator. Frames are BGR uint8 ``(h, w, 3)``, as MMPose and rtmlib take them.

    Frames come in the order of their time. An estimator that carries something from one frame to
    the next may have a method ``begin_video()``: it is called before the first frame of each video.

    Attributes:
        skeleton: Name of the skeleton of the poses (:mod:`mmalign.skeletons`).
        one_stage: Whether :meth:`estimate` needs no boxes and finds everybody (RTMO).
        has_detector: Whether :meth:`detect` works. Without it and not one-stage, the whole frame
            is given as the one box.
    """

    skeleton: str
    one_stage: bool
    has_detector: bool

    def detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find people.

        Args:
            frames: BGR uint8 ``(h, w, 3)``.

        Returns:
            Per frame ``(D, 5 + E)`` float32: x1, y1, x2, y2 in pixels, the score in [0, 1], and
            what else :meth:`estimate` wants to know of a box. Between detections that is
            interpolated like the corners.
        """
        ...

    def estimate(
        self, frames: Sequence[np.ndarray], boxes: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Find the joints of the people in boxes; crops of all frames go in common batches.

        Args:
            frames: BGR uint8 ``(h, w, 3)``.
            boxes: Per frame ``(D, 4 + E)`` float32, in pixels, less the score; not looked at by a
                one-stage estimator.

        Returns:
            Per frame ``(D, K, 3)`` float32: x and y in pixels and the score in [0, 1]; of fewer
            people, if boxes hold nobody.
        """
        ...
