"""Which frame of a video belongs to which pose."""

from __future__ import annotations

import numpy as np

from mmalign.errors import InputError

MATCHING = ("auto", "index", "time")


def matching_frames(
    positions: np.ndarray,
    pose_clock: tuple[int, float],
    times: np.ndarray,
    start: int = 0,
    how: str = "auto",
    where: str = "frames",
) -> np.ndarray:
    """Numbers of the frames nearest to positions in the poses.

    A video with as many frames as there are poses has one frame per pose, whatever either says of
    its frame rate; so has a folder of images, which has no clock. Otherwise the frame is taken
    whose time is nearest: that is what brings a video of another, or of a varying, frame rate to
    the poses.

    Args:
        positions: ``(T,)`` positions in the poses, in frames of the pose file.
        pose_clock: number of frames and frames per second of the pose file.
        times: ``(N,)`` rising times of the video's frames in seconds; NaN where there is no clock.
        start: number of the video's frame that is the poses' first.
        how: ``index`` for one frame per pose, ``time`` for the nearest time, ``auto`` as above.
        where: name of sequence and source for errors.

    Returns:
        ``(T,)`` indices from 0 to ``N - 1``.

    Raises:
        InputError: the video ends before the poses do.
    """
    poses, fps = pose_clock
    left = len(times) - start
    by_index = how == "index" or np.isnan(times).any()
    if by_index or (how == "auto" and left == poses):
        if left < poses:
            raise InputError(
                f"{where}: {max(left, 0)} frames (from number {start} on), expected one for each of"
                f" the {poses} poses; extract the frames again, or leave the sequence out"
            )
        return start + np.rint(positions).astype(np.intp)
    if left < 1:
        raise InputError(
            f"{where}: {len(times)} frames, expected more than video_start {start}; correct the"
            " index of the data set"
        )
    seconds = positions / fps + times[start]
    length, needed = times[-1] - times[start], (poses - 1) / fps
    # Encoders round times and lose a frame at the end; more than that is another video.
    interval = float(np.median(np.diff(times))) if len(times) > 1 else 1 / fps
    if length < needed - 1.5 * max(interval, 1 / fps):
        raise InputError(
            f"{where}: {left} frames in {length:.2f} s, expected the {needed:.2f} s of {poses}"
            f" poses at {fps:g} per second; use the video of the poses, or match='index' where each"
            " pose has a frame and the frame rates are nominal"
        )
    middles = (times[1:] + times[:-1]) / 2
    return np.searchsorted(middles, seconds).astype(np.intp)
