"""Drawing a pose onto a picture: by this project, or by MMPose's visualizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.video.writer import Picture
from mmalign.visualization.skeleton_drawing import joint_colours, limb_colours, paint_skeleton

Painter = Callable[[Picture, NDArray[np.floating], NDArray[np.floating], str], Picture]
"""Takes RGB, keypoints ``(K, 2)`` in its pixels, scores ``(K,)`` and a skeleton's name."""


def paint(
    picture: Picture, keypoints: NDArray[np.floating], scores: NDArray[np.floating], skeleton: str
) -> Picture:
    """Draw a pose; absent joints are left out, doubtful ones lighter.

    Returns:
        The picture, which was drawn on.
    """
    paint_skeleton(picture, keypoints, scores, get_skeleton(skeleton))
    return picture


class MMPosePainter:
    """Draws with MMPose's ``PoseLocalVisualizer``, in the colours of the sides used here.

    MMPose must be installed.

    Args:
        threshold: Joints of a lower score are left out.
    """

    def __init__(self, threshold: float = 0.3) -> None:
        from mmalign.compat.mmpose import import_mmpose

        import_mmpose()
        self.threshold = threshold
        self._visualizers: dict[str, Any] = {}

    def __call__(
        self,
        picture: Picture,
        keypoints: NDArray[np.floating],
        scores: NDArray[np.floating],
        skeleton: str,
    ) -> Picture:
        """Draw a pose.

        Returns:
            The picture with the pose.
        """
        from mmengine.structures import InstanceData
        from mmpose.structures import PoseDataSample

        if skeleton not in self._visualizers:
            self._visualizers[skeleton] = _visualizer(get_skeleton(skeleton))
        visualizer = self._visualizers[skeleton]
        sample = PoseDataSample()
        sample.pred_instances = InstanceData(
            keypoints=keypoints[None], keypoints_visible=scores[None]
        )
        visualizer.add_datasample(
            "pose", picture, sample, draw_gt=False, draw_bbox=False, kpt_thr=self.threshold
        )
        return visualizer.get_image()


def _visualizer(skeleton: Skeleton) -> Any:
    from mmpose.visualization import PoseLocalVisualizer

    visualizer = PoseLocalVisualizer(name=f"pose_{skeleton.name}", line_width=3)
    visualizer.set_dataset_meta(
        {
            "dataset_name": skeleton.name,
            "keypoint_colors": np.rint(255 * joint_colours(skeleton)).astype(int),
            "skeleton_links": skeleton.limbs,
            "skeleton_link_colors": np.rint(255 * limb_colours(skeleton)).astype(int),
        }
    )
    return visualizer
