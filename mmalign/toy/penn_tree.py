"""Toy bodies in the files of the data set Penn Action."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy.io

from mmalign.fileio import atomic_write
from mmalign.formats.benchmarks.penn_action_files import SKELETON
from mmalign.skeletons import get_skeleton
from mmalign.toy.sequence import ToySequence
from mmalign.toy.trees import ToyContent, write_text

IMAGE_SIZE = (270, 480)
_FACE = slice(0, 5)


def write_penn_action(out: str | Path, content: ToyContent) -> dict[str, ToySequence]:
    """Write a body's activity as Penn Action has it: ``labels/NNNN.mat`` and phase labels.

    The head is the middle of what is seen of nose, eyes and ears. A joint that was not detected is
    invisible and at (1, 1), as Penn Action has absent joints.

    Args:
        out: the folder.
        content: what to write; an activity of one body.

    Returns:
        The sequences by the id that the reader of the format gives them.

    Raises:
        InputError: the content cannot be generated, or the folder cannot be written.
    """
    written: dict[str, ToySequence] = {}
    for split, sequences in content.generate("coco17", IMAGE_SIZE).items():
        phases = {}
        for sequence in sequences:
            video = f"{len(written) + 1:04d}"
            with atomic_write(Path(out) / "labels" / f"{video}.mat") as temporary:
                scipy.io.savemat(temporary, _annotation(sequence, split))
            phases[video] = [] if sequence.labels is None else sequence.labels.tolist()
            written[video] = sequence
        path = Path(out) / "phase_labels" / f"{content.activity}_{split}.json"
        write_text(path, json.dumps(phases))
    return written


def _annotation(sequence: ToySequence, split: str) -> dict[str, object]:
    xy, visible = penn_joints(sequence)
    placed = np.where(visible[..., None], xy, np.nan)
    boxes = np.concatenate([np.nanmin(placed, axis=1), np.nanmax(placed, axis=1)], axis=1)
    height, width = sequence.frame_size
    return {
        "action": sequence.activity,
        "pose": "front" if abs(sequence.camera.azimuth) < 45 else "left",
        "x": np.where(visible, xy[..., 0], 1.0),
        "y": np.where(visible, xy[..., 1], 1.0),
        "visibility": visible.astype(np.uint8),
        "train": 1 if split == "train" else -1,
        "bbox": boxes,
        "dimensions": np.array([[height, width, len(xy)]]),
        "nframes": len(xy),
    }


def penn_joints(sequence: ToySequence) -> tuple[np.ndarray, np.ndarray]:
    """Penn Action's joints of a sequence of COCO's.

    Returns:
        ``(T, 13, 2)`` float64 pixels and ``(T, 13)`` bool: whether a joint was seen.
    """
    coco = get_skeleton("coco17").joints
    order = [coco.index(joint) for joint in get_skeleton(SKELETON).joints if joint != "head"]
    seen = sequence.scores > 0
    face = np.where(seen[:, _FACE, None], sequence.keypoints[:, _FACE], 0).astype(np.float64)
    parts = seen[:, _FACE].sum(axis=1)
    head = face.sum(axis=1) / np.maximum(parts, 1)[:, None]
    xy = np.concatenate([head[:, None], sequence.keypoints[:, order]], axis=1)
    return xy, np.concatenate([(parts > 0)[:, None], seen[:, order]], axis=1)
