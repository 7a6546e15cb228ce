"""Left and right that a detector exchanged for some frames, found by how the joints move.

A joint that leaps to where its partner was a frame ago, while the partner leaps to where it was,
did not move: their names changed places. Which of the two ways round a whole sequence is motion
does not tell; the anchor is that most of its frames are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mmalign.functional.gaps import short_gaps

Array = NDArray[np.floating]
Pairs = Sequence[tuple[int, int]]
"""Left and right joint of each of several pairs."""

MAX_GAP = 10
"""Frames for which a pair that is not seen is remembered."""
_TORSO = 1 / 3
"""A person's torso in diagonals of the box of all joints."""
# Motion is a mixture of the way to the next frame and of how it differs from the way before. The
# way alone takes a fast turn for an exchange, its change alone is lost where single frames are bad.
_WAY, _CHANGE_OF_WAY = 0.6, 0.4
_FULL_RATE = 15.0
"""Frames per second below which changes cost more."""
# Prices in torsos per pair: of a change of all groups, of one of several; and of a frame that is
# exchanged, and more if it is so in one group only.
_ALL_CHANGE, _ONE_CHANGES, _EXCHANGED, _MIXED = 0.1, 0.15, 0.002, 0.004


def find_exchanged(
    keypoints: Array, scores: Array, groups: Sequence[Pairs], fps: float = 30.0
) -> NDArray[np.bool_]:
    """In which frames the sides of which pairs are exchanged.

    In every frame each group of pairs (arms, legs) is as it is or exchanged. Of all sequences of
    these states the cheapest is taken (Viterbi, over the states of two frames): it costs what the
    joints move, a little for every change of state, and next to nothing for a frame that is
    exchanged, so that of two ways round the one that leaves more frames as they are is cheaper.

    Args:
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``; 0 = absent. The motion of an unsure joint counts less.
        groups: The pairs of each of ``G`` groups, at least one pair each.
        fps: Frames per second; where few, joints move far on their own and a change costs more.

    Returns:
        ``(T, G)``.
    """
    states = np.array(list(product((0, 1), repeat=len(groups))))
    size = _torso(keypoints, scores, groups)
    motion = np.zeros((len(scores), *[len(states)] * 3))
    changes = np.abs(states[:, None] - states[None])
    for number, pairs in enumerate(groups):
        change = changes[..., number]
        ways, turns = _motion(*_held(keypoints, scores, pairs))
        # From the state two frames ago by that a frame ago to that of the frame.
        motion += ways[:, change][:, None] / size * _WAY
        motion += turns[:, change[:, :, None], change[None]] / size * _CHANGE_OF_WAY
    mixed = states.any(axis=1) & ~states.all(axis=1)
    staying = _EXCHANGED * states.mean(axis=1) + _MIXED * mixed
    price = np.where(changes.all(axis=2), _ALL_CHANGE, _ONE_CHANGES * changes.sum(axis=2))
    price = price * max(1.0, _FULL_RATE / fps)
    return states[_cheapest(motion + price + staying, staying)].astype(bool)


def _torso(keypoints: Array, scores: Array, groups: Sequence[Pairs]) -> float:
    """Length of the torso, from the median diagonal of the box of all these joints."""
    joints = np.unique(np.concatenate([np.ravel(pairs) for pairs in groups]))
    there, points = scores[:, joints, None] > 0, keypoints[:, joints]
    low = np.where(there, points, np.inf).min(axis=1)
    high = np.where(there, points, -np.inf).max(axis=1)
    seen = there.any(axis=(1, 2))
    diagonals = np.linalg.norm((high - low)[seen], axis=1)
    return max(_TORSO * float(np.median(diagonals)), 1e-9) if seen.any() else 1.0


def _held(keypoints: Array, scores: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Pairs ``(T, P, 2, 2)`` and their scores ``(T, P, 2)``; in a short gap the nearest's."""
    index = np.array(pairs, dtype=np.intp)
    points, weights = keypoints[:, index].astype(np.float64), scores[:, index].astype(np.float64)
    gap, before, after = short_gaps(weights.max(axis=2), MAX_GAP)
    frame = np.arange(len(scores))[:, None]
    nearest = np.where(frame - before <= after - frame, before, after)
    held, pair = np.where(gap, nearest, frame), np.arange(len(index))
    return points[held, pair], weights[held, pair]


def _motion(points: Array, weights: Array) -> tuple[Array, Array]:
    """What the pairs move to each frame, in pixels per pair, weighted by the lowest score.

    Returns:
        ``(T, 2)``: the way if the sides stay and if they change; ``(T, 2, 2)``: how much that way
        differs from the one before, by whether they change in the one before and in this one. It
        is 0, whatever they do, where too few joints are there to tell: for the way three of four,
        for its change all six.
    """
    count = len(points)
    way, turn = np.zeros((count, 2)), np.zeros((count, 2, 2))
    step = np.linalg.norm(points[1:, :, None] - points[:-1, :, :, None], axis=-1)
    known = (weights[1:, :, None] > 0) & (weights[:-1, :, :, None] > 0)
    same, cross = (np.stack([known[..., 0, a], known[..., 1, 1 - a]], axis=-1) for a in (0, 1))
    telling = same.sum(axis=-1) == cross.sum(axis=-1)
    sure = telling * _least(weights[1:], weights[:-1])
    for change, there in enumerate((same, cross)):
        ways = np.stack([step[..., 0, change], step[..., 1, 1 - change]], axis=-1) * there
        way[1:, change] = (sure * ways.sum(axis=-1)).mean(axis=1)
    present = (weights > 0).all(axis=2)
    sure = present[2:] & present[1:-1] & present[:-2]
    sure = sure * _least(weights[2:], weights[1:-1], weights[:-2])
    for before, now in product((0, 1), repeat=2):
        first = points[:-2, :, ::-1] if before else points[:-2]
        last = points[2:, :, ::-1] if now else points[2:]
        bend = np.linalg.norm(last - 2 * points[1:-1] + first, axis=-1).sum(axis=2)
        turn[2:, before, now] = (sure * bend).mean(axis=1)
    return way, turn


def _least(*weights: Array) -> Array:
    """The lowest score among the joints that are there, ``(T, P)``; 0 where none is."""
    both = np.concatenate(weights, axis=2)
    least = np.where(both > 0, both, np.inf).min(axis=2)
    return np.where(np.isfinite(least), least, 0.0)


def _cheapest(cost: Array, start: Array) -> NDArray[np.intp]:
    """States ``(T,)`` of least total cost.

    Args:
        cost: ``(T, S, S, S)`` in each frame of its state, by those two frames ago, a frame ago and
            of the frame itself; of the second frame the first of them is not used.
        start: ``(S,)`` of beginning with a state.
    """
    count, number = cost.shape[:2]
    origin = np.zeros((count, number, number), dtype=np.intp)
    if count == 1:
        return start.argmin(keepdims=True)
    total = start[:, None] + cost[1, 0]
    for t in range(2, count):
        ways = total[:, :, None] + cost[t]
        origin[t] = ways.argmin(axis=0)
        total = ways.min(axis=0)
    path = np.zeros(count, dtype=np.intp)
    path[-2:] = np.unravel_index(total.argmin(), total.shape)
    for t in range(count - 1, 1, -1):
        path[t - 2] = origin[t, path[t - 1], path[t]]
    return path
