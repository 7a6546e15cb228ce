"""IKEA ASM's files: action segments, and 2D poses of every frame.

Ben-Shabat et al., The IKEA ASM Dataset: Understanding People Assembling Furniture through Actions,
Objects and Pose, WACV 2021; the forms are those its toolbox writes and reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from mmalign.errors import InputError
from mmalign.poses.people import clean_poses
from mmalign.skeletons import get_skeleton

BACKGROUND = "NA"
SUBSETS = {"training": "train", "testing": "val"}
MOST_FRAMES = 1_000_000

# By its number of joints the skeleton of a pose. The toolbox's own OpenPose writes 19: COCO-18 with
# an empty mid hip, which are BODY_25's first 19; BODY_21A (STAF) begins with the same 19.
_SKELETONS = {17: "coco17", 18: "openpose18", 19: "body25", 21: "body25", 25: "body25"}


@dataclass(frozen=True)
class Scan:
    """One assembly.

    Attributes:
        path: ``Kallax_Shelf_Drawer/0001_black_table_02_01_2019_08_16_14_00``.
        split: ``train`` or ``val``.
        segments: Per segment its label, first frame and last frame.
    """

    path: str
    split: str
    segments: tuple[tuple[str, int, int], ...]

    @property
    def name(self) -> str:
        """The scan in messages."""
        return self.path

    @property
    def num_frames(self) -> int:
        """Frames up to the end of the last segment."""
        return max((end for _, _, end in self.segments), default=-1) + 1


def read_segments(path: str | Path) -> list[Scan]:
    """Read ``gt_segments.json``, in the form of ActivityNet.

    Segments include their last frame: the next one begins a frame later.

    Returns:
        All scans, in the file's order, which is the annotation order.

    Raises:
        InputError: If the file cannot be read or is of another form.
    """
    content = _read_json(path)
    database = content.get("database") if isinstance(content, dict) else None
    if not isinstance(database, dict):
        raise InputError(f"{path}: has no 'database', expected IKEA ASM's gt_segments.json")
    return [_scan(name, entry, f"{path}, {name}") for name, entry in database.items()]


def _scan(name: str, entry: Any, where: str) -> Scan:
    try:
        split = SUBSETS[entry["subset"]]
        segments = tuple((s["label"], *s["segment"]) for s in entry["annotation"])
        fine = all(
            isinstance(label, str)
            and type(a) is int
            and type(b) is int
            and 0 <= a <= b < MOST_FRAMES
            for label, a, b in segments
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: lacks or has odd {error}; expected subset (training or testing) and "
            "annotation, a list of {label, segment: [first, last]}; download the file again"
        ) from error
    parts = Path(name).parts
    if not fine or len(parts) != 2 or ".." in parts or parts[0] == "/":
        raise InputError(
            f"{where}: expected a name FURNITURE/SCAN and segments [first, last] of frame numbers "
            "from 0; download the file again"
        )
    return Scan(name, split, segments)


def label_names(scans: list[Scan]) -> list[str]:
    """Names of all labels: the background first, the others in the order of the alphabet."""
    return [BACKGROUND, *sorted({s[0] for scan in scans for s in scan.segments} - {BACKGROUND})]


def frame_labels(scan: Scan, names: list[str], num_frames: int) -> np.ndarray:
    """``(T,)`` int64 label of every frame; frames without a segment are background (0)."""
    labels = np.zeros(num_frames, dtype=np.int64)
    for label, start, end in scan.segments:
        labels[start : end + 1] = names.index(label)
    return labels


def read_people(path: str | Path) -> np.ndarray:
    """Read the people of one frame, as OpenPose's or Keypoint R-CNN's JSON has them.

    Keypoint R-CNN writes a visibility beside scores that are logits; they become probabilities.
    People without a joint, its placeholders in empty frames, are left out.

    Returns:
        ``(M, 17, 3)`` float64 of COCO's joints: x, y in pixels, score in [0, 1], 0 where absent.

    Raises:
        InputError: If the file cannot be read or is of another form.
    """
    content = _read_json(path)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise InputError(f"{path}: has no list 'people', expected OpenPose's form; write it again")
    poses = [_person(person, f"{path}, person {i}") for i, person in enumerate(people)]
    poses = [pose for pose in poses if (pose[:, 2] > 0).any()]
    return np.stack(poses) if poses else np.zeros((0, 17, 3))


def _person(person: Any, where: str) -> np.ndarray:
    try:
        values = np.array(person["pose_keypoints_2d"], dtype=np.float64).reshape(-1, 3)
        visibility = person.get("keypoint_visibility")
        seen = None if visibility is None else np.array(visibility, dtype=np.float64) > 0
        source = get_skeleton(_SKELETONS[len(values)])
        if seen is not None and seen.shape != (len(values),):
            raise ValueError(f"{len(values)} joints, keypoint_visibility of {seen.shape}")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{where}: {type(error).__name__}: {error}; expected pose_keypoints_2d with x, y and "
            f"score of {', '.join(map(str, _SKELETONS))} joints; write the file again"
        ) from error
    if seen is not None:
        values[:, 2] = np.where(seen, expit(values[:, 2]), 0)
    order = [source.joints.index(joint) for joint in get_skeleton("coco17").joints]
    return clean_poses(values[order], where)


def _read_json(path: str | Path) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); unpack it again") from error
