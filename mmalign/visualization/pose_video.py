"""Pictures of a sequence's skeletons, one a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from mmalign.functional.pose import pose_box
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from mmalign.video.writer import Picture
from mmalign.visualization.skeleton_drawing import paint_skeleton

_SIDE = 480
_HEADER = 26
_MARGIN = 24
_GREY = (90, 90, 90)


def pose_frames(
    sequence: PoseSequence, title: str, phases: Sequence[str] = ()
) -> Iterator[Picture]:
    """Draw every frame of a sequence, cropped to the sequence's box, under a line of text.

    Args:
        sequence: poses.
        title: what the line starts with; the frame's number and phase follow.
        phases: names of the phases; a phase without a name is given by its number.

    Yields:
        RGB ``(H, W, 3)`` uint8, white where nothing is; the longer side is 480 pixels, and a
        header of 26 pixels is added.
    """
    skeleton = get_skeleton(sequence.skeleton)
    box = pose_box(sequence.keypoints, sequence.scores).astype(np.float64)
    extent = np.maximum(box[2:] - box[:2], 1e-6)
    scale = (_SIDE - 2 * _MARGIN) / extent.max()
    width, height = np.maximum(np.ceil(extent * scale) + 2 * _MARGIN, _SIDE / 2).astype(int)
    offset = np.array([width, height]) / 2 - scale * (box[:2] + box[2:]) / 2
    points = sequence.keypoints * scale + offset + [0, _HEADER]
    shape = (height + _HEADER, width, 3)
    for t, scores in enumerate(sequence.scores):
        picture = np.full(shape, 255, np.uint8)
        paint_skeleton(picture, points[t], scores, skeleton)
        text = f"{title}  {t}/{sequence.num_frames - 1}"
        if sequence.labels is not None:
            phase = int(sequence.labels[t])
            text += "  " + (phases[phase] if phase < len(phases) else f"phase {phase}")
        _write(picture, text)
        yield picture


def _write(picture: Picture, text: str) -> None:
    """Write a line into the header, as small as it must be to fit."""
    font, wanted = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    # OpenCV's own fonts have ASCII only.
    text = text.encode("ascii", "replace").decode()
    (width, _), _ = cv2.getTextSize(text, font, wanted, 1)
    size = wanted * min(1.0, (picture.shape[1] - 12) / width)
    cv2.putText(picture, text, (6, 17), font, size, _GREY, 1, cv2.LINE_AA)
