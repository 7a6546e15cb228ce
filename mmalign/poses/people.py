"""Several people in one video: who they are and which of them to take.

Detections lie flat, one row per person and frame, so that a crowd costs no more than it holds.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace

import numpy as np

from mmalign.errors import InputError
from mmalign.poses.pose_file import FARTHEST
from mmalign.poses.tracking import MAX_DISTANCE, follow, pose_boxes

RULES = "largest, score, longest, moving, center, position:X,Y, track:ID or all"
LASTING = 0.25
"""A person lasts with at least this share of the frames of the one who is in most."""
# Scores of heatmaps reach a little beyond 0 and 1, those of SimCC networks farther; -1 is "none".
_SLACK, _LARGEST_SCORE, _FEW = 0.05, 20.0, 0.01


@dataclass(frozen=True)
class People:
    """Everybody who was found in one video.

    Attributes:
        poses: ``(D, K, 3)`` float64: x and y in pixels and the score, 0 where a joint is absent.
        frames: ``(D,)`` int64: the frame of each row, ascending.
        num_frames: Frames of the video, those without anybody included.
        tracks: ``(D,)`` int64: who it is; None where that is not known yet.
    """

    poses: np.ndarray
    frames: np.ndarray
    num_frames: int
    tracks: np.ndarray | None = None

    def person(self, track: int) -> tuple[np.ndarray, np.ndarray]:
        """One person over the whole video.

        Where a track has two rows in one frame, the one with the larger total score counts.

        Returns:
            ``(T, K, 2)`` keypoints and ``(T, K)`` scores, 0 in frames without the person.
        """
        mine = self.poses[self.tracks == track]
        frames = self.frames[self.tracks == track]
        order = np.argsort(mine[..., 2].sum(axis=1), kind="stable")
        whole = np.zeros((self.num_frames, *self.poses.shape[1:]))
        whole[frames[order]] = mine[order]
        return whole[..., :2], whole[..., 2]


def clean_poses(poses: np.ndarray, source: str) -> np.ndarray:
    """Bring detections as files hold them into the form of :class:`People`.

    A joint whose position or score is not finite, or whose score is not above 0, is absent: all
    three numbers become 0. Scores above 1, which peaks of heatmaps can have, become 1.

    Args:
        poses: ``(..., K, 3)`` of any type of number.
        source: What the error message names.

    Raises:
        InputError: If a position is beyond a million pixels, which no detector means, or scores are
            far outside 0 to 1.
    """
    poses = np.asarray(poses, dtype=np.float64)
    _check_scores(poses[..., 2], source)
    there = np.isfinite(poses).all(axis=-1) & (poses[..., 2] > 0)
    poses = np.where(there[..., None], poses, 0.0)
    if (np.abs(poses[..., :2]) > FARTHEST).any():
        raise InputError(
            f"{source}: a joint lies at {np.abs(poses[..., :2]).max():.3g} pixels, expected at "
            f"most {FARTHEST:.0e}; correct the file"
        )
    poses[..., 2] = np.minimum(poses[..., 2], 1.0)
    return poses


def _check_scores(scores: np.ndarray, source: str) -> None:
    """Raise an `InputError` if many scores are none, as the third coordinate of 3D poses is not."""
    known = scores[np.isfinite(scores)]
    odd = ((known < -_SLACK) & (known != -1)) | (known > _LARGEST_SCORE)
    if odd.sum() > _FEW * len(known):
        raise InputError(
            f"{source}: scores reach from {known.min():.4g} to {known.max():.4g}, expected 0 to 1; "
            "if the third number of a joint is its z these are 3D poses: leave z out"
        )


def without_shared_ids(people: People) -> tuple[People, int]:
    """Forget identities that several people of one frame share: they are none.

    Returns:
        The people, and in how many frames an identity occurs twice.
    """
    if people.tracks is None or not len(people.tracks):
        return people, 0
    pairs = np.stack([people.frames, people.tracks], axis=1)
    different, counts = np.unique(pairs, axis=0, return_counts=True)
    shared = len(np.unique(different[counts > 1, 0]))
    return (replace(people, tracks=None) if shared else people), shared


def track_people(people: People, max_gap: int = 30, max_distance: float = MAX_DISTANCE) -> People:
    """Follow everybody through the video; see :func:`.tracking.follow`.

    Args:
        people: Detections; known tracks are ignored.
        max_gap: Frames for which a person who is not seen is remembered.
        max_distance: Poses further apart, in diagonals of their box, are two people's.

    Returns:
        The same detections with tracks numbered from 0 in order of appearance.
    """
    return replace(people, tracks=follow(people.poses, people.frames, max_gap, max_distance))


def choose_person(people: People, rule: str, frame_size: tuple[int, int]) -> list[int]:
    """Choose whom to take.

    Args:
        people: Detections with tracks.
        rule: ``largest``: the greatest area of the pose's box, summed over the frames; ``score``:
            the greatest total score; ``longest``: in most frames; ``moving``: the greatest
            variance of the joints' positions, among people who last; ``center`` and
            ``position:X,Y``: the median of the box's middle is nearest to the middle of the frame
            or to that pixel, among people who last; ``track:ID``: the one with that number;
            ``all``: everybody who lasts. Who is in less than a quarter as many frames as the
            one who is in most does not last.
        frame_size: ``(h, w)`` in pixels.

    Returns:
        Tracks: one of them, or several with ``all``. On a tie the lower number is taken.

    Raises:
        InputError: If the rule is unknown, there is nobody, or nobody of that number.
    """
    name, values = parse_rule(rule)
    tracks, of_row = np.unique(np.asarray(people.tracks), return_inverse=True)
    if not len(people.poses):
        raise InputError("nobody was found in any frame, expected somebody; leave the clip out")
    if name == "track":
        if values[0] not in tracks:
            listed = ", ".join(str(t) for t in tracks[:20])
            raise InputError(f"no person {rule[6:]}, expected one of {listed}; change --person")
        return [int(values[0])]
    length = np.bincount(of_row)
    lasting = length >= LASTING * length.max()
    if name == "all":
        return tracks[lasting].tolist()
    boxes = pose_boxes(people.poses)
    if name in ("center", "position"):
        target = np.array(values or (frame_size[1] / 2, frame_size[0] / 2))
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        medians = np.stack([np.median(middle[of_row == i], axis=0) for i in range(len(tracks))])
        distance = np.linalg.norm(medians - target, axis=1)
        return [int(tracks[np.where(lasting, distance, np.inf).argmin()])]
    if name == "moving":
        motion = [_motion(people.poses[of_row == i]) for i in range(len(tracks))]
        return [int(tracks[np.where(lasting, motion, -np.inf).argmax()])]
    weights = {
        "largest": np.prod(boxes[:, 2:] - boxes[:, :2], axis=1),
        "score": people.poses[..., 2].sum(axis=1),
        "longest": np.ones(len(boxes)),
    }
    return [int(tracks[np.bincount(of_row, weights[name]).argmax()])]


def _motion(poses: np.ndarray) -> float:
    """Sum of the variances of the joints' positions ``(N, K, 3)``, pixels squared."""
    weight = (poses[..., 2:] > 0).astype(np.float64)
    count = weight.sum(axis=0).clip(1)
    mean = (weight * poses[..., :2]).sum(axis=0) / count
    return float((weight * (poses[..., :2] - mean) ** 2 / count).sum())


def parse_rule(rule: str) -> tuple[str, tuple[float, ...]]:
    """Split a rule into its name and numbers.

    Raises:
        InputError: If it is none of :data:`RULES`.
    """
    if rule in ("largest", "score", "longest", "moving", "center", "all"):
        return rule, ()
    number = r"(-?\d{1,9}(?:\.\d{1,9})?)"
    for pattern in (r"track:(-?\d{1,9})", f"position:{number},{number}"):
        if match := re.fullmatch(pattern, rule, re.ASCII):
            return rule.partition(":")[0], tuple(float(value) for value in match.groups())
    raise InputError(f"--person {rule!r} is unknown, expected {RULES}; correct the option")


def add_person_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--person`` and ``--max-gap``."""
    parser.add_argument(
        "--person",
        default="largest",
        metavar="RULE",
        help=f"whom to take where there are several: {RULES} (default: %(default)s)",
    )
    parser.add_argument(
        "--max-gap",
        type=int,
        default=30,
        metavar="N",
        help="frames for which a person who is not seen is remembered (default: %(default)s)",
    )
