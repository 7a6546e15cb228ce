"""From everybody in a video to the sequences that are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.extraction.hands import HAND_JOINTS, join_hands
from mmalign.poses.people import People, choose_person, parse_rule, track_people
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.skeleton_conversion import convert_skeleton, require_joints
from mmalign.skeletons import get_skeleton
from mmalign.skeletons.joint_sets import select_joints

_REMEDY = "name another --skeleton or --model"


@dataclass(frozen=True)
class Choice:
    """Whom to keep, and how.

    Attributes:
        person: A rule of :func:`.choose_person`.
        max_gap: Frames for which a person who is not seen is remembered.
        skeleton: Name of the skeleton to bring the poses into; None for the estimator's.
        repair: Whether to take back what detectors do to poses, see :func:`.repair_poses`.

    Raises:
        InputError: If an option cannot be used.
    """

    person: str = "largest"
    max_gap: int = 30
    skeleton: str | None = None
    repair: bool = True

    def __post_init__(self) -> None:
        """Check the options."""
        parse_rule(self.person)
        if self.max_gap < 0:
            raise InputError(f"--max-gap {self.max_gap}, expected 0 frames or more")
        if self.skeleton is not None:
            get_skeleton(self.skeleton)


def check_skeleton(skeleton: str, target: str) -> list[str]:
    """Check that an estimator's poses can be brought into a skeleton.

    Returns:
        The joints that are put midway between others.

    Raises:
        InputError: If joints are missing that cannot be had.
    """
    if target == "hands42" and skeleton == "hand21":
        return []
    return require_joints(skeleton, target, "the pose estimator", _REMEDY)


def make_sequences(
    people: People,
    skeleton: str,
    frame_size: tuple[int, int],
    fps: float,
    choice: Choice,
    source: str,
    labels: NDArray[np.int64] | None = None,
) -> list[PoseSequence]:
    """Follow the people of a video and keep the chosen ones.

    Args:
        people: Everybody; known tracks are kept.
        skeleton: Name of their skeleton.
        frame_size: ``(h, w)`` of the video in pixels.
        fps: Frames per second of the sequence.
        choice: Whom to keep, and how.
        source: What errors name.
        labels: ``(T,)`` phases, or None.

    Returns:
        One sequence, or with the rule ``all`` one per person who lasts; absent in frames without.

    Raises:
        InputError: If nobody is found, or the poses lack joints that are wanted.
    """
    if people.tracks is None:
        people = track_people(people, choice.max_gap)
    target = choice.skeleton or skeleton
    joints = people.poses.shape[1]
    if target == "hands42" and joints == HAND_JOINTS:
        people = join_hands(people, frame_size)
        skeleton = target
    try:
        tracks = choose_person(people, choice.person, frame_size)
    except InputError as error:
        raise InputError(f"{source}: {error}") from error
    # Estimators of the whole body have the joints of other skeletons among theirs.
    own = target if joints > get_skeleton(skeleton).num_joints else skeleton
    found = []
    for track in tracks:
        keypoints, scores = people.person(track)
        sequence = PoseSequence(
            keypoints=select_joints(keypoints, own, source),
            scores=select_joints(scores[..., None], own, source)[..., 0],
            frame_size=frame_size,
            fps=fps,
            skeleton=own,
            labels=labels,
            track_id=track,
        ).validate(source)
        found.append(_bring_into(sequence, target, source))
    return found


def _bring_into(sequence: PoseSequence, target: str, source: str) -> PoseSequence:
    if sequence.skeleton == target:
        return sequence
    # Files show only here what they hold.
    require_joints(sequence.skeleton, target, source, _REMEDY)
    return convert_skeleton(sequence, target, source)
