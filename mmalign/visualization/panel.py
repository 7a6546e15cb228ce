"""One sequence as pictures of one size, from its video or its poses."""

from __future__ import annotations

from contextlib import ExitStack

import cv2
import numpy as np

from mmalign.functional.overlay import Placement
from mmalign.functional.pose import pose_box
from mmalign.skeletons import get_skeleton
from mmalign.structures.alignment import AlignedSequence
from mmalign.video.reader import VideoReader
from mmalign.video.writer import Picture
from mmalign.visualization.skeleton_drawing import paint_skeleton

# Apart from the colours of a skeleton's sides.
REFERENCE_COLOUR, OTHER_COLOUR = "#0f766e", "#a21caf"
_INK = (60, 66, 74)
_MARGIN = 0.12


class Panel:
    """One sequence as pictures of one size: its video scaled down, or its poses on white.

    Args:
        sequence: what is shown.
        height: of the pictures in pixels; without a video, of the box round all poses.
        stack: closes the video at its end.

    Attributes:
        size: ``(h, w)`` of the pictures, both even.
        placement: from the pixels of the poses to those of the pictures.
    """

    def __init__(self, sequence: AlignedSequence, height: int, stack: ExitStack) -> None:
        self.sequence = sequence
        self.skeleton = get_skeleton(sequence.poses.skeleton)
        self._video = stack.enter_context(VideoReader(sequence.video)) if sequence.video else None
        poses = sequence.poses
        if self._video is not None:
            self._pictures = self._video.facts.frames_of(poses.num_frames, poses.fps)
            room = np.array([0.0, 0.0, poses.frame_size[1], poses.frame_size[0]])
        else:
            box = pose_box(poses.keypoints, poses.scores).astype(np.float64)
            middle, extent = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
            # Neither a slit nor a stripe, whatever is done.
            half = np.maximum(extent, 0.6 * max(extent.max(), 1.0)) * (0.5 + _MARGIN)
            room = np.concatenate([middle - half, middle + half])
        extent = room[2:] - room[:2]
        scale = height / extent[1]
        self.size = (height - height % 2, max(2, int(round(extent[0] * scale / 2)) * 2))
        self.placement = Placement(scale, (-scale * room[0], -scale * room[1]))

    def picture(self, frame: float, skeleton: bool = True) -> Picture:
        """The frame nearest to a fractional one, RGB ``(h, w, 3)``, a copy."""
        index = int(np.clip(round(frame), 0, self.sequence.poses.num_frames - 1))
        height, width = self.size
        if self._video is None:
            picture = np.full((height, width, 3), 255, np.uint8)
        else:
            whole = self._video.picture(int(self._pictures[index]))
            small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
            picture = small.astype(np.uint8, copy=False)
        if skeleton or self._video is None:
            self.paint(picture, index)
        return picture

    def paint(self, picture: Picture, index: int) -> None:
        """Draw a frame's pose over a picture, in place."""
        poses = self.sequence.poses
        points = self.placement(poses.keypoints[index])
        paint_skeleton(picture, points, poses.scores[index], self.skeleton)


def write_label(canvas: Picture, text: str, left: int, room: int) -> None:
    """Write a line into the header, as small as it must be to fit."""
    font, wanted = cv2.FONT_HERSHEY_SIMPLEX, 0.5
    # OpenCV's own fonts have ASCII only.
    text = text.encode("ascii", "replace").decode()
    (width, _), _ = cv2.getTextSize(text, font, wanted, 1)
    size = wanted * min(1.0, room / width)
    cv2.putText(canvas, text, (left, 18), font, size, _INK, 1, cv2.LINE_AA)
