r"""Measure what the repair of estimated poses (`--repair` of `mmalign extract-poses`) does.

DATA is the folder of `MMALIGN_DATA`; of what is in it is taken:

* pose2sim_balancing: OpenPose's poses of four cameras. The reference is the triangulated 3D that
  comes with them, projected into each camera.
* penn_action: annotated joints of training clips with fast motions, which are their own reference;
  and of all training clips as they are, whose sides nobody exchanged.
* ui_prmd: people who are turned round while they squat, through a virtual camera.

Sides are exchanged in runs of 5 to 15 frames, of the whole body, the arms or the legs, up to the
share of the frames that is named, and joints jitter by 2 % of the torso. PCK@0.2 is the share of
shoulders, elbows, wrists, hips, knees and ankles nearer to the reference than a fifth of its torso,
before and after the repair. With --poses, estimated poses of the four cameras are measured, too: a
data set that `mmalign extract-poses pose2sim_balancing/videos --repair off` made.

Example: python tools/analysis/pose_repair.py $MMALIGN_DATA
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport, FormatReader
from mmalign.formats.benchmarks.penn_action import PennActionReader
from mmalign.formats.benchmarks.ui_prmd import UiPrmdReader
from mmalign.formats.openpose import OpenPoseReader
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import PoseIndex, read_index
from mmalign.poses.repair import put_sides_right, repair_poses, side_groups
from mmalign.skeletons import get_skeleton

FAST = ("tennis_forehand", "tennis_serve", "golf_swing", "bowling", "baseball_swing")
KINDS = {"body": (0, 1), "arms": (0,), "legs": (1,)}
SHARES = (0.1, 0.4)
SEED = 0
SHORTEST = 5
JITTER, NEAR = 0.02, 0.2
TURNS = (90, 180, 360)
_NAMES = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
JOINTS = tuple(f"{side}_{name}" for name in _NAMES for side in ("left", "right"))


def joints_of(sequence: PoseSequence) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and scores of the twelve joints."""
    names = get_skeleton(sequence.skeleton).joints
    index = [names.index(name) for name in JOINTS]
    return sequence.keypoints[:, index], sequence.scores[:, index]


def torso(points: np.ndarray) -> np.ndarray:
    """From the middle of the shoulders to that of the hips, ``(T, 1)`` pixels."""
    between = points[:, :2].mean(axis=1) - points[:, 6:8].mean(axis=1)
    return np.linalg.norm(between, axis=1)[:, None]


def pck(sequence: PoseSequence, reference: np.ndarray, known: np.ndarray) -> float:
    """Share of the known joints that are near the reference ``(T, 12, 2)``."""
    points, scores = joints_of(sequence)
    near = np.linalg.norm(points - reference, axis=-1) < NEAR * torso(reference)
    return float((near & (scores > 0))[known].mean())


def exchange(
    sequence: PoseSequence, parts: Sequence[int], share: float, rng: np.random.Generator
) -> PoseSequence:
    """Exchange the sides of groups of pairs in runs of frames, and let the joints jitter."""
    count, skeleton = sequence.num_frames, get_skeleton(sequence.skeleton)
    chosen = np.zeros(count, dtype=bool)
    while (left := int(share * count) - int(chosen.sum())) >= SHORTEST:
        length = min(int(rng.integers(SHORTEST, 16)), left)
        start = int(rng.integers(0, count - length + 1))
        chosen[start : start + length] = True
    order = np.arange(skeleton.num_joints)
    for part in parts:
        pairs = np.array(side_groups(skeleton)[part])
        order[pairs] = pairs[:, ::-1]
    points = np.where(chosen[:, None, None], sequence.keypoints[:, order], sequence.keypoints)
    scores = np.where(chosen[:, None], sequence.scores[:, order], sequence.scores)
    size = JITTER * float(np.median(torso(joints_of(sequence)[0])))
    return replace(sequence, keypoints=points + rng.normal(0, size, points.shape), scores=scores)


def read_projected(folder: Path) -> dict[str, np.ndarray]:
    """The triangulated joints in each camera, ``(T, 12, 2)`` pixels.

    Lenses' distortion is less than a pixel, and left out.
    """
    (path,) = folder.glob("pose-3d/*_filt_butterworth.trc")
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    markers = [name for name in lines[3][2:] if name.strip()]
    table = np.array([line[2 : 2 + 3 * len(markers)] for line in lines[5:] if len(line) > 2], float)
    index = [
        markers.index(f"{side[0].upper()}{name.capitalize()}")
        for side, name in (joint.split("_") for joint in JOINTS)
    ]
    # The file's y axis points up; that of the cameras' world is z.
    world = table.reshape(len(table), -1, 3)[:, index][..., [2, 0, 1]]
    found = {}
    text = (folder / "Calib_qualisys.toml").read_text()
    for block in re.split(r"^(?=\[cam_)", text, flags=re.MULTILINE)[1:]:
        fields = dict(re.findall(r"^(\w+) = (\[.*\])$", block, re.MULTILINE))
        matrix, turn, shift = (
            np.array(json.loads(fields[key])) for key in ("matrix", "rotation", "translation")
        )
        points = (world @ Rotation.from_rotvec(turn).as_matrix().T + shift) @ matrix.T
        found[block[1:7].replace("_", "")] = points[..., :2] / points[..., 2:]
    return found


def sequences(reader: FormatReader, every: int = 1) -> Iterator[tuple[str, str, PoseSequence]]:
    """Name, action and poses of every Nth training clip."""
    report = ConversionReport(PoseIndex(reader.skeleton, ""))
    for item in reader.items()[::every]:
        for clip in reader.read(item, report):
            if clip.split == "train":
                yield clip.id, clip.action, clip.sequence


def measure(
    name: str,
    found: Sequence[PoseSequence],
    references: Sequence[np.ndarray],
    kinds: Mapping[str, tuple[int, ...]] = KINDS,
) -> None:
    """Print a line each: as they are, and with exchanged sides."""
    rows: list[tuple[str, tuple[int, ...], float]] = [("as they are", (), 0.0)]
    rows += [
        (f"{kind}, {share:.0%}", parts, share) for kind, parts in kinds.items() for share in SHARES
    ]
    for title, parts, share in rows:
        rng = np.random.default_rng(SEED)
        before: list[float] = []
        after: list[float] = []
        changed = 0
        for sequence, reference in zip(found, references, strict=True):
            known = joints_of(sequence)[1] > 0
            made = exchange(sequence, parts, share, rng) if parts else sequence
            repaired, frames = repair_poses(made)
            changed += frames
            for scores, one in ((before, made), (after, repaired)):
                scores.append(pck(one, reference, known) * known.sum())
        joints = sum((joints_of(one)[1] > 0).sum() for one in found)
        total = sum(one.num_frames for one in found)
        print(
            f"{name:<24} {title:<12} {total:>7} {changed / total:>9.3f}"
            f" {sum(before) / joints:>8.3f} {sum(after) / joints:>7.3f}",
            flush=True,
        )


def turned(sequence: PoseSequence, degrees: float, start: float, fps: float) -> PoseSequence:
    """The person, turned about the vertical by so many degrees a second, 4 m from a camera."""
    assert sequence.keypoints3d is not None
    points = sequence.keypoints3d[:: round(sequence.fps / fps)]
    points = points - points.reshape(-1, 3).mean(axis=0)
    angle = np.deg2rad(start + degrees * np.arange(len(points)) / fps)
    local = Rotation.from_euler("z", angle[:, None]).as_matrix()[:, None] @ points[..., None]
    x, y, z = np.moveaxis(local[..., 0], -1, 0)
    pixels = np.stack([x, -z], axis=-1) / (4 + y)[..., None] * 800 + (640, 360)
    scores = np.ones(pixels.shape[:2])
    return replace(sequence, keypoints=pixels, scores=scores, fps=fps, keypoints3d=None)


def false_repairs(name: str, found: Sequence[PoseSequence]) -> None:
    """Print in what share of the frames sides were exchanged that are right."""
    changed = sum(int(put_sides_right(one)[2].sum()) for one in found)
    total = sum(one.num_frames for one in found)
    print(f"{name:<37} {total:>7} {changed / total:>9.5f}", flush=True)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="DATA", help="folder with some of these data sets")
    parser.add_argument("--poses", metavar="DIR", help="estimated poses of pose2sim_balancing")
    parser.add_argument(
        "--every", type=int, default=4, metavar="N",
        help="take every Nth clip of Penn Action (default: %(default)s)",
    )  # fmt: skip
    args = parser.parse_args(argv)
    root = Path(args.data)
    if not any((root / name).is_dir() for name in ("pose2sim_balancing", "penn_action", "ui_prmd")):
        raise InputError(f"{root}: none of the data sets is there; name the folder they are in")
    print(f"{'poses':<24} {'exchanged':<12}  frames put right   before   after")
    folder = root / "pose2sim_balancing"
    if folder.is_dir():
        projected = read_projected(folder)
        for name, _, sequence in sequences(OpenPoseReader(folder / "pose-associated", fps=60)):
            camera = name.removesuffix("_json")
            measure(f"OpenPose, {camera}", [sequence], [projected[camera]])
        for entry in read_index(args.poses).sequences if args.poses else ():
            sequence = read_pose_file(Path(args.poses) / entry.file)
            measure(f"estimated, {entry.id}", [sequence], [projected[entry.id]], {})
    if (root / "penn_action").is_dir():
        clips = list(sequences(PennActionReader(root / "penn_action"), args.every))
        fast = [sequence for _, action, sequence in clips if action in FAST]
        measure("Penn Action, fast", fast, [joints_of(sequence)[0] for sequence in fast])
        false_repairs("Penn Action, all", [sequence for _, _, sequence in clips])
    if (root / "ui_prmd").is_dir():
        people = [one for *_, one in sequences(UiPrmdReader(root / "ui_prmd", angles=[0.0]), 5)]
        for degrees in TURNS:
            round_they_go = [turned(one, degrees, 37.0 * i, 25) for i, one in enumerate(people)]
            false_repairs(f"UI-PRMD, turned {degrees} degrees a second", round_they_go)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
