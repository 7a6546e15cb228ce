"""Toy bodies in the file tree of the data set IKEA ASM."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.special import logit

from mmalign.errors import InputError
from mmalign.formats.benchmarks.ikea_asm import FRAME_SIZE
from mmalign.formats.benchmarks.ikea_files import BACKGROUND
from mmalign.skeletons import get_skeleton
from mmalign.toy.activities import get_activity
from mmalign.toy.sequence import ToySequence
from mmalign.toy.trees import ToyContent, runs, write_text

FURNITURE = "Kallax_Shelf_Drawer"
CAMERA = "dev3"
DETECTORS = ("keypoint_rcnn_ft_all", "openpose")
_SUBSETS = {"train": "training", "val": "testing"}
_MOST_SURE = 1 - 1e-6


def write_ikea_asm(
    out: str | Path, content: ToyContent, detector: str = "keypoint_rcnn_ft_all"
) -> dict[str, ToySequence]:
    """Write a body's activity as IKEA ASM has it: a JSON file per frame, and action segments.

    Phases become segments named after them, idle time becomes background, which IKEA ASM calls NA.

    Args:
        out: the folder.
        content: what to write; an activity of one body.
        detector: whose form the poses have: ``keypoint_rcnn_ft_all`` (17 joints, logits and
            visibilities) or ``openpose`` (BODY_25 without feet).

    Returns:
        The sequences by the id that the reader of the format gives them.

    Raises:
        InputError: the content cannot be generated, the detector is unknown, or the folder cannot
            be written.
    """
    if detector not in DETECTORS:
        raise InputError(f"detector: found {detector!r}, expected one of {', '.join(DETECTORS)}")
    person = _keypoint_rcnn_person if detector == DETECTORS[0] else _openpose_person
    written, database = {}, {}
    for split, sequences in content.generate("coco17", FRAME_SIZE).items():
        for i, sequence in enumerate(sequences):
            scan = f"{i:04d}_toy_{'table' if split == 'train' else 'floor'}_01_01_2019_08_16_14_00"
            folder = Path(out) / FURNITURE / scan / CAMERA / "predictions" / "pose2d" / detector
            poses = np.concatenate([sequence.keypoints, sequence.scores[..., None]], axis=-1)
            for t, pose in enumerate(poses):
                text = json.dumps({"people": [person(pose.astype(np.float64))]})
                write_text(folder / f"scan_video_{t:012d}_keypoints.json", text)
            database[f"{FURNITURE}/{scan}"] = {
                "subset": _SUBSETS[split],
                "annotation": _segments(sequence),
            }
            written[scan] = sequence
    write_text(Path(out) / "gt_segments.json", json.dumps({"version": "toy", "database": database}))
    return written


def _segments(sequence: ToySequence) -> list[dict[str, object]]:
    phases = get_activity(sequence.activity).phases
    time = sequence.canonical_time
    labels = np.where((time == 0) | (time == time[-1]), -1, np.asarray(sequence.labels))
    return [
        {"label": BACKGROUND if label < 0 else phases[label], "segment": [a, e]}
        for label, a, e in runs(labels)
    ]


def _keypoint_rcnn_person(pose: np.ndarray) -> dict[str, object]:
    present = pose[:, 2] > 0
    values = pose.copy()
    values[present, 2] = logit(np.minimum(pose[present, 2], _MOST_SURE))
    return {
        "person_id": [-1],
        "pose_keypoints_2d": np.round(values, 4).ravel().tolist(),
        "keypoint_visibility": present.astype(float).tolist(),
        "boxes": [*pose[present, :2].min(axis=0), *pose[present, :2].max(axis=0)],
        "score": float(pose[present, 2].mean()),
    }


def _openpose_person(pose: np.ndarray) -> dict[str, object]:
    names = get_skeleton("coco17").joints
    by_name = dict(zip(names, pose, strict=True))
    for middle, side in (("neck", "shoulder"), ("mid_hip", "hip")):
        pair = np.stack([by_name[f"left_{side}"], by_name[f"right_{side}"]])
        by_name[middle] = pair.mean(axis=0) * (pair[:, 2] > 0).all()
    absent = np.zeros(3)
    values = np.stack([by_name.get(joint, absent) for joint in get_skeleton("body25").joints])
    return {"person_id": [-1], "pose_keypoints_2d": np.round(values, 4).ravel().tolist()}
