"""Videos that play everywhere, and videos of skeletons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from mmalign.datasets.pose_file import PoseSequence
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.functional.pose import pose_box
from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.visualization.skeleton_drawing import joint_colours, limb_colours, opacity

Picture = NDArray[np.uint8]

_SIDE = 480
_HEADER = 26
_MARGIN = 24
_SHIFT = 4
_GREY = (90, 90, 90)


def write_video(
    path: str | Path, frames: Iterable[Picture], fps: float, key_interval: int | None = None
) -> None:
    """Write frames as H.264 in an MP4, yuv420p, so that browsers play it; atomically.

    Args:
        path: the file, ``*.mp4``.
        frames: RGB ``(H, W, 3)`` uint8, all of one size; an odd last row or column is cut off.
        fps: frames per second.
        key_interval: frames from one key frame to the next; small for a video that is scrubbed,
            None for the encoder's choice.

    Raises:
        InputError: If the file cannot be written or the frame rate cannot be used.
    """
    with atomic_write(path) as temporary:
        try:
            rate = Fraction(fps).limit_denominator(1001)
            _encode(temporary, frames, rate, key_interval)
        except (av.FFmpegError, OverflowError) as error:
            raise InputError(
                f"{path}: cannot be encoded as H.264 at {fps:g} frames per second ({error}); "
                "correct the frame rate"
            ) from error


def _encode(path: Path, frames: Iterable[Picture], rate: Fraction, gop: int | None) -> None:
    # The index goes to the front: a browser starts before it has the whole file.
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.pix_fmt = "yuv420p"
        if gop is not None:
            stream.gop_size, stream.max_b_frames = gop, 0
        for i, frame in enumerate(frames):
            height, width = (side - side % 2 for side in frame.shape[:2])
            if i == 0:
                stream.height, stream.width = height, width
            picture = np.ascontiguousarray(frame[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


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


def paint_skeleton(
    picture: Picture,
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    skeleton: Skeleton,
    colours: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
) -> None:
    """Draw one pose onto a picture, in place; absent joints are left out, doubtful ones lighter.

    Args:
        picture: RGB ``(H, W, 3)`` uint8, contiguous.
        keypoints: ``(K, 2)`` in the picture's pixels.
        scores: ``(K,)`` in [0, 1].
        skeleton: the joints' layout.
        colours: RGB in [0, 1] of the limbs ``(L, 3)`` and joints ``(K, 3)``; None for the sides'.
    """
    of_limbs, of_joints = colours or (limb_colours(skeleton), joint_colours(skeleton))
    points = np.round(keypoints * 2.0**_SHIFT).clip(-(2**18), 2**18).astype(int)
    limbs = np.array(skeleton.limbs).reshape(-1, 2)
    limb_scores = scores[limbs].min(1)
    inks = _inks(of_limbs, limb_scores)
    for limb in np.flatnonzero(limb_scores > 0):
        a, b = points[limbs[limb]].tolist()
        cv2.line(picture, a, b, inks[limb], 3, cv2.LINE_AA, _SHIFT)
    inks = _inks(of_joints, scores)
    for joint in np.flatnonzero(scores > 0):
        centre = points[joint].tolist()
        cv2.circle(picture, centre, 4 << _SHIFT, inks[joint], -1, cv2.LINE_AA, _SHIFT)


def _inks(colours: NDArray[np.floating], scores: NDArray[np.floating]) -> list[list[float]]:
    """Colours in [0, 255] on white; a faint one is a light one."""
    solid = opacity(scores)[:, None]
    return (255 * (solid * colours + 1 - solid)).tolist()


def _write(picture: Picture, text: str) -> None:
    """Write a line into the header, as small as it must be to fit."""
    font, wanted = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    # OpenCV's own fonts have ASCII only.
    text = text.encode("ascii", "replace").decode()
    (width, _), _ = cv2.getTextSize(text, font, wanted, 1)
    size = wanted * min(1.0, (picture.shape[1] - 12) / width)
    cv2.putText(picture, text, (6, 17), font, size, _GREY, 1, cv2.LINE_AA)
