"""Toy hands in the file tree of the data set H2O."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmalign.fileio import atomic_write
from mmalign.formats.benchmarks.h2o_files import ACTIONS
from mmalign.toy.sequence import ToySequence
from mmalign.toy.trees import ToyContent, runs, write_text

IMAGE_SIZE = (720, 1280)
CAMERA = "cam4"
RECORD = "pouring_milk"
_SCENES = ("h1", "h2", "k1", "k2", "o1", "o2")
# H2O's actions by phase of the toy activity; while the things are lifted there is none.
_PHASE_ACTIONS = ("grab_milk", "background", "pour_milk", "pour_milk", "place_milk")


def write_h2o(out: str | Path, content: ToyContent) -> dict[str, ToySequence]:
    """Write two-hand pouring as H2O has it: 3D joints of a camera, intrinsics, action files.

    The 2D detections, noise included, lie at the exact depth of the joints, so that the intrinsics
    project the 3D joints onto them again. H2O marks whole hands as absent, not joints: a joint that
    was not detected is written where it is, unless its whole hand was not detected. Beside the tree
    ``npyrecords/pouring_milk_SPLIT.npy`` hold split and phases, as CASA's records do; no poses.

    Args:
        out: the folder.
        content: what to write; an activity of two hands.

    Returns:
        The sequences by the id that the reader of the format gives them.

    Raises:
        InputError: the content cannot be generated, or the folder cannot be written.
    """
    out = Path(out)
    written = {}
    for split, sequences in content.generate("hands42", IMAGE_SIZE).items():
        rows, record = [], {}
        for i, sequence in enumerate(sequences):
            take = _take(split, i)
            _write_take(out / take / CAMERA, sequence)
            rows += _action_rows(take, sequence)
            record[take] = {"labels": sequence.labels}
            written[f"{take}/{CAMERA}".replace("/", "_")] = sequence
        header = "id path action_label start_act end_act start_frame end_frame\n"
        lines = [f"{number} {row}\n" for number, row in enumerate(rows, start=1)]
        write_text(out / "action_labels" / f"action_{split}.txt", header + "".join(lines))
        with atomic_write(out / "npyrecords" / f"{RECORD}_{split}.npy") as temporary:
            np.save(temporary, np.array(record, dtype=object), allow_pickle=True)
    return written


def _take(split: str, number: int) -> str:
    """Training takes are of subjects 1 and 2, validation takes of subject 3."""
    subjects = (1, 2) if split == "train" else (3,)
    scene, take = divmod(number // len(subjects), len(_SCENES))[::-1]
    return f"subject{subjects[number % len(subjects)]}/{_SCENES[scene]}/{take}"


def _write_take(folder: Path, sequence: ToySequence) -> None:
    camera = sequence.camera
    exact, depth = camera.project(sequence.joints)
    height, width = camera.image_size
    centre = np.array([width, height]) / 2
    seen = sequence.scores > 0
    pixels = np.where(seen[..., None], sequence.keypoints, exact)
    points = np.concatenate(
        [(pixels - centre) / camera.focal * depth[..., None], depth[..., None]], axis=-1
    )
    numbers = (camera.focal, camera.focal, *centre, width, height)
    write_text(folder / "cam_intrinsics.txt", " ".join(repr(float(n)) for n in numbers) + "\n")
    hands = points.reshape(len(points), 2, -1)
    flags = seen.reshape(len(seen), 2, -1).any(axis=2)
    for t, (both, annotated) in enumerate(zip(hands, flags, strict=True)):
        parts = []
        for values, flag in zip(both, annotated, strict=True):
            parts.append(str(int(flag)))
            parts += [f"{value:.6f}" for value in (values if flag else np.zeros_like(values))]
        write_text(folder / "hand_pose" / f"{t:06d}.txt", " ".join(parts) + "\n")


def _action_rows(take: str, sequence: ToySequence) -> list[str]:
    """Rows of an action file without their number."""
    labels = np.array([ACTIONS.index(action) for action in _PHASE_ACTIONS])[sequence.labels]
    last = len(labels) - 1
    return [f"{take} {label} {a} {e} 0 {last}" for label, a, e in runs(labels) if label]
