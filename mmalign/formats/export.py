"""Prepared data sets in public formats, which the readers of this package read again.

Clips of ``coco_keypoints``, ``csv`` and ``trc`` are files ``SPLIT/ACTION/ID.*``; ``mmaction`` is
one pickle. Scores stand where COCO has visibilities, as in detectors' results.
"""

from __future__ import annotations

import csv
import json
import pickle
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, read_index
from mmalign.skeletons import get_skeleton

_PICKLE = "mmaction.pkl"


def export(
    root: str | Path,
    out: str | Path,
    format_name: str,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> int:
    """Write a prepared data set in a public format.

    Args:
        root: The data set's folder.
        out: Folder to write to; what is there of the same names is replaced.
        format_name: One of :data:`EXPORTS`.
        progress: Wraps the iteration over the sequences, to show how far it is.

    Returns:
        How many sequences were written.

    Raises:
        InputError: If the data set cannot be read, or lacks what the format needs.
        WriteError: If the folder cannot be written to.
    """
    if format_name not in EXPORTS:
        raise InputError(f"format {format_name!r}, expected one of {', '.join(EXPORTS)}")
    root, out = Path(root), Path(out)
    index = read_index(root)
    entries = progress(index.sequences)
    if format_name == "mmaction":
        _write_pickle(index, entries, root, out / _PICKLE)
        return len(index.sequences)
    suffix, write = _CLIPS[format_name]
    for entry in entries:
        sequence = read_pose_file(root / entry.file)
        action, name = _file_name(entry.action), _file_name(entry.id)
        names = index.actions.get(entry.action, {}).get("phases", [])
        with atomic_write(out / entry.split / action / f"{name}{suffix}") as temporary:
            write(temporary, sequence, names, entry.id)
    return len(index.sequences)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip(".") or "clip"


def _write_coco(path: Path, sequence: PoseSequence, names: list[str], clip: str) -> None:
    height, width = sequence.frame_size
    joints = get_skeleton(sequence.skeleton)
    images: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for frame, (points, scores) in enumerate(zip(sequence.keypoints, sequence.scores, strict=True)):
        images.append(
            {"id": frame, "file_name": f"{clip}/{frame:06}.jpg", "video_id": clip,
             "frame_id": frame, "width": width, "height": height}
        )  # fmt: skip
        there = scores > 0
        if there.any():
            low, high = points[there].min(axis=0), points[there].max(axis=0)
            box = [*low.tolist(), *(high - low).tolist()]
            people.append(
                {"id": len(people), "image_id": frame, "category_id": 1, "iscrowd": 0,
                 "track_id": sequence.track_id or 0, "num_keypoints": int(there.sum()),
                 "bbox": box, "area": box[2] * box[3],
                 "keypoints": np.c_[points, scores].ravel().tolist()}
            )  # fmt: skip
    limbs = [[a + 1, b + 1] for a, b in joints.limbs]
    category = {"id": 1, "name": "person", "keypoints": list(joints.joints), "skeleton": limbs}
    content = {"info": {"fps": float(sequence.fps)}, "images": images, "annotations": people}
    path.write_text(json.dumps({**content, "categories": [category]}), encoding="utf-8")


def _write_csv(path: Path, sequence: PoseSequence, names: list[str], clip: str) -> None:
    joints = get_skeleton(sequence.skeleton).joints
    header = [f"{joint}_{axis}" for joint in joints for axis in ("x", "y", "score")]
    labels = sequence.labels
    cells = np.concatenate([sequence.keypoints, sequence.scores[..., None]], axis=-1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["frame", "time", *(["label"] if labels is not None else []), *header])
        for frame, row in enumerate(cells.reshape(len(cells), -1)):
            label = [] if labels is None else [_phase(names, int(labels[frame]))]
            numbers = [f"{value:.9g}" for value in row]
            writer.writerow([frame, f"{frame / sequence.fps:.9g}", *label, *numbers])


def _phase(names: list[str], label: int) -> str:
    return names[label] if label < len(names) else str(label)


def _write_trc(path: Path, sequence: PoseSequence, names: list[str], clip: str) -> None:
    points = sequence.keypoints3d
    if points is None:
        raise InputError(
            f"{clip}: has no 3D keypoints, expected some: TRC holds nothing else; export it as csv"
        )
    joints, rate = get_skeleton(sequence.skeleton).joints, f"{sequence.fps:.9g}"
    axes = [f"{axis}{i + 1}" for i in range(len(joints)) for axis in "XYZ"]
    counts = f"{rate}\t{rate}\t{len(points)}\t{len(joints)}\tm\t{rate}\t1\t{len(points)}"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{clip}.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        counts,
        "Frame#\tTime\t" + "\t\t\t".join(joints) + "\t\t",
        "\t\t" + "\t".join(axes),
        "",
    ]
    for frame, (row, scores) in enumerate(zip(points, sequence.scores, strict=True)):
        cells = [f"{v:.9g}" if s > 0 else "" for p, s in zip(row, scores, strict=True) for v in p]
        lines.append("\t".join([str(frame + 1), f"{frame / sequence.fps:.9g}", *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_pickle(
    index: PoseIndex, entries: Iterable[SequenceEntry], root: Path, path: Path
) -> None:
    actions = sorted({entry.action for entry in index.sequences})
    splits: dict[str, list[str]] = {"train": [], "val": []}
    annotations = []
    for entry in entries:
        sequence = read_pose_file(root / entry.file)
        splits[entry.split].append(entry.id)
        annotations.append(
            {
                "frame_dir": entry.id,
                "label": actions.index(entry.action),
                "action": entry.action,
                "img_shape": sequence.frame_size,
                "original_shape": sequence.frame_size,
                "total_frames": sequence.num_frames,
                "fps": float(sequence.fps),
                "keypoint": sequence.keypoints[None],
                "keypoint_score": sequence.scores[None],
            }
        )
    with atomic_write(path) as temporary:
        temporary.write_bytes(pickle.dumps({"split": splits, "annotations": annotations}))


_CLIPS: dict[str, tuple[str, Callable[[Path, PoseSequence, list[str], str], None]]] = {
    "coco_keypoints": (".json", _write_coco),
    "csv": (".csv", _write_csv),
    "trc": (".trc", _write_trc),
}
EXPORTS = (*_CLIPS, "mmaction")
"""Formats that can be written."""
