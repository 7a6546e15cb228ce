"""Two hands out of hands that were found one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.poses.people import People

HAND_JOINTS = 21


def join_hands(people: People, frame_size: tuple[int, int]) -> People:
    """One person with both hands, as a camera on the head sees them (H2O).

    The hands of such a view keep their sides: a track belongs to the left hand if it lies, in the
    median over its frames, to the left of the other hands in the frame, or of the frame's middle
    where it is alone. Where several tracks of a side are in one frame the surest counts.

    Args:
        people: Single hands ``(D, 21, 3)`` with tracks.
        frame_size: ``(h, w)`` in pixels.

    Returns:
        Poses ``(T, 42, 3)`` of skeleton ``hands42``, one per frame with a hand, all of track 0.
    """
    there = people.poses[..., 2] > 0
    weights = there / np.maximum(there.sum(axis=1, keepdims=True), 1)
    middle = (people.poses[..., 0] * weights).sum(axis=1)
    number = np.bincount(people.frames, minlength=people.num_frames)[people.frames]
    total = np.bincount(people.frames, middle, people.num_frames)[people.frames]
    others = np.where(number > 1, (total - middle) / np.maximum(number - 1, 1), frame_size[1] / 2)
    left = np.zeros(len(middle), dtype=bool)
    for track in np.unique(np.asarray(people.tracks)):
        mine = people.tracks == track
        left[mine] = np.median((middle - others)[mine]) < 0
    both = np.zeros((people.num_frames, 2, HAND_JOINTS, 3))
    order = np.argsort(people.poses[..., 2].sum(axis=1), kind="stable")
    # Of two writes to one place the later one, of the surer hand, stays.
    both[people.frames[order], (~left[order]).astype(int)] = people.poses[order]
    frames = np.unique(people.frames)
    joined = both[frames].reshape(len(frames), 2 * HAND_JOINTS, 3)
    return replace(people, poses=joined, frames=frames, tracks=np.zeros(len(frames), np.int64))
