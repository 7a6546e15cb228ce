r"""Measure how clips longer than a network's window are embedded: window, overlap and crop.

A recording is all executions of a person one after the other, before two cameras: UI-PRMD's
repetitions, of a prepared data set with 3D poses, or generated executions of a toy activity. The
performer stays in place, or moves across the picture by so many body heights. Every frame of the
recording is compared with the same frame of its execution embedded alone and in place:

* distance: between both embeddings, median, in units of the embeddings' spread;
* nearest, dtw: how far its nearest neighbour in the other camera's execution, and its place on the
  monotone path between the two, are from the truth, mean in milliseconds.

Examples:
  UI-PRMD: python tools/analysis/long_clips.py CKPT --data-root data/ui_prmd
  toy:     python tools/analysis/long_clips.py CKPT --activity lift
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from mmcv.transforms import Compose

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.guard import guarded
from mmalign.datasets.transforms import CropToPoseBox
from mmalign.errors import InputError
from mmalign.functional.camera import Camera, orbit
from mmalign.functional.dtw import dtw_path
from mmalign.functional.following import moving_box
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.pose import fit_to_map
from mmalign.models.windows import Windows, embed_clip
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.processing import resample_sequence
from mmalign.structures import RawClip
from mmalign.toy import generate_sequence, make_performer

SEED = 7
AZIMUTHS, ELEVATION, DISTANCE = (30.0, 75.0), 10.0, 2.0
FRAME = (720, 1280)
SIZE = 30  # heatmap pixels of the boxes that the rules below make themselves
# Body heights across the picture, and frames after which the performer is back; 0 = never.
WALKS = {"in place": (0, 0), "1 across": (1, 0), "4 across": (4, 0), "to and fro": (1, 150)}

Recording = list[list[PoseSequence]]
"""Per camera the executions of one person, one after the other."""
Rule = Callable[[Embedder, PoseSequence], np.ndarray]


def from_data(root: str, fps: float) -> list[Recording]:
    """The recordings of a prepared data set's validation split.

    Raises:
        InputError: If none of its sequences is named PERSON_eN_cam0 and has 3D poses.
    """
    people: dict[str, list[PoseSequence]] = {}
    for entry in sorted(read_index(root).sequences, key=lambda entry: entry.id):
        name = re.fullmatch(r"(.+)_e\d+_cam0", entry.id)
        if name and entry.split == "val":
            sequence = read_pose_file(Path(root) / entry.file)
            if sequence.keypoints3d is not None:
                people.setdefault(name[1], []).append(sequence)
    if not people:
        raise InputError(
            f"{root}: no val sequence is named PERSON_eN_cam0 and has 3D poses; prepare the data by"
            " `mmalign data convert ui_prmd`"
        )
    return [_filmed(executions, fps) for executions in people.values()]


def _filmed(executions: list[PoseSequence], fps: float) -> Recording:
    points = [np.asarray(one.keypoints3d) for one in executions]
    there = np.concatenate([one.scores > 0 for one in executions])
    body = np.concatenate(points)[there]
    cameras = [orbit(body, a, ELEVATION, DISTANCE, image_size=FRAME) for a in AZIMUTHS]
    return [
        [
            resample_sequence(_seen(camera, one, joints), fps)
            for one, joints in zip(executions, points, strict=True)
        ]
        for camera in cameras
    ]


def from_toy(activity: str, people: int, executions: int) -> list[Recording]:
    """Recordings of generated people, without a detector's errors."""
    recordings = []
    for person in range(people):
        performer = make_performer("val", person, SEED)
        made = [
            generate_sequence(activity, performer, SEED + i, length=(60, 110))
            for i in range(executions)
        ]
        cameras = made[0].camera, made[1].camera
        recordings.append([[_seen(camera, one, one.joints) for one in made] for camera in cameras])
    return recordings


def _seen(camera: Camera, sequence: PoseSequence, points: np.ndarray) -> PoseSequence:
    pixels, _ = camera.project(points)
    scores = np.isfinite(points).all(axis=-1).astype(np.float32)
    size = camera.image_size
    return PoseSequence(pixels.astype(np.float32), scores, size, sequence.fps, sequence.skeleton)


def joined(executions: list[PoseSequence], walk: tuple[float, int]) -> PoseSequence:
    """Executions one after the other by a performer who moves across the picture."""
    keypoints = np.concatenate([one.keypoints for one in executions])
    height = np.median(np.ptp(keypoints[..., 1], axis=1))
    heights, period = walk
    time = np.arange(len(keypoints)) / (period or 2 * len(keypoints))
    away = 1 - 2 * np.abs(time % 1 - 0.5)
    keypoints[..., 0] += (heights * height * away)[:, None]
    scores = np.concatenate([one.scores for one in executions])
    return replace(executions[0], keypoints=keypoints, scores=scores)


def by_windows(windows: Windows) -> Rule:
    """Each window cropped to its own box."""
    return lambda embed, sequence: _embedded(embed, embed.clip(sequence, sequence.fps), windows)


def by_box(windows: Windows, box: Callable[[PoseSequence], np.ndarray]) -> Rule:
    """Cropped before it is cut: ``box`` gives the places in it."""

    def rule(embed: Embedder, sequence: PoseSequence) -> np.ndarray:
        results = {**embed.clip(sequence, sequence.fps).results, "keypoint": box(sequence)[None]}
        steps = embed.aligner.pipeline_for(with_video=False).transforms
        rest = Compose([step for step in steps if not isinstance(step, CropToPoseBox)])
        return _embedded(embed, RawClip(results, rest), windows)

    return rule


def _embedded(embed: Embedder, clip: RawClip, windows: Windows) -> np.ndarray:
    return embed_clip(embed.aligner.model, clip, windows)["embedding"].numpy()


def each_alone(
    embed: Embedder, recordings: list[Recording], windows: Windows
) -> list[list[list[np.ndarray]]]:
    """Embeddings of every execution alone and in place, per person and camera."""
    by_itself = by_windows(windows)
    return [[[by_itself(embed, one) for one in each] for each in person] for person in recordings]


def whole_box(sequence: PoseSequence) -> np.ndarray:
    """Places in the box of the whole recording."""
    return fit_to_map(sequence.keypoints, sequence.scores, (SIZE, SIZE))


def smooth_box(sequence: PoseSequence, reach: int) -> np.ndarray:
    """Places in a box that moves and changes its size smoothly."""
    low, high = moving_box(sequence.keypoints, sequence.scores, reach).swapaxes(0, 1)
    scale = (SIZE - 1) / (high - low).max(axis=1)
    centred = sequence.keypoints - ((low + high) / 2)[:, None]
    return (centred * scale[:, None, None] + (SIZE - 1) / 2).astype(np.float32)


def rules(windows: Windows) -> dict[str, Rule]:
    """What is compared, by name; ``windows`` are the network's own."""
    still = replace(windows, follows=False)
    long = replace(still, length=windows.longest)
    reach = windows.length // 2
    own = {f"following, overlap {o:g}": replace(windows, overlap=o) for o in (0.25, 0.5, 0.75)}
    return {
        f"whole clip's box, {long.length} frames": by_box(long, whole_box),
        f"whole clip's box, {still.length} frames": by_box(still, whole_box),
        f"window's box, {long.length} frames": by_windows(long),
        f"window's box, {still.length} frames": by_windows(still),
        "smooth box": by_box(still, lambda sequence: smooth_box(sequence, reach)),
        **{name: by_windows(one) for name, one in own.items()},
    }


def measure(
    embed: Embedder,
    recordings: list[Recording],
    alone: list[list[list[np.ndarray]]],
    walk: tuple[float, int],
    rule: Rule,
) -> tuple[float, float, float]:
    """The distance, and the errors of the nearest neighbour and of the path.

    Args:
        embed: The network.
        recordings: Executions per person and camera.
        alone: Their embeddings, each alone and in place.
        walk: One of ``WALKS``.
        rule: How recordings are embedded.
    """
    distances, nearest, path = [], [], []
    for recording, single in zip(recordings, alone, strict=True):
        cuts = np.cumsum([len(one) for one in single[0]])[:-1]
        for camera, executions in enumerate(recording):
            found = rule(embed, joined(executions, walk))
            known = np.concatenate(single[camera])
            spread = np.sqrt(((known - known.mean(axis=0)) ** 2).sum(axis=1).mean())
            distances.append(np.linalg.norm(found - known, axis=1) / spread)
            for part, other in zip(np.split(found, cuts), single[1 - camera], strict=True):
                cost, truth = frame_distances(other, part), np.arange(len(part))
                nearest.append(np.abs(cost.argmin(axis=0) - truth) / executions[0].fps)
                path.append(np.abs(np.diff(dtw_path(cost))) / executions[0].fps)
    near, along = (1000 * float(np.concatenate(each).mean()) for each in (nearest, path))
    return float(np.median(np.concatenate(distances))), near, along


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CKPT")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data-root", help="prepared UI-PRMD")
    source.add_argument("--activity", help="toy activity")
    parser.add_argument("--people", type=int, default=3, help="of the toy (default: %(default)s)")
    parser.add_argument("--executions", type=int, default=8, help="of each (default: %(default)s)")
    args = parser.parse_args(argv)
    aligner = load_aligner(args.checkpoint)
    embed = Embedder(aligner)
    if args.data_root:
        recordings = from_data(args.data_root, aligner.common_rate([np.inf]))
    else:
        recordings = from_toy(args.activity, args.people, args.executions)
    windows = aligner.model.windows
    alone = each_alone(embed, recordings, windows)
    frames = [sum(one.num_frames for one in recording[0]) for recording in recordings]
    print(f"{len(recordings)} people, recordings of {min(frames)} to {max(frames)} frames")
    print(f"{'':<30}" + "".join(f"{name:>24}" for name in WALKS))
    print(f"{'':<30}" + f"{'distance nearest  dtw':>24}" * len(WALKS))
    for name, rule in rules(windows).items():
        print_row(name, [measure(embed, recordings, alone, each, rule) for each in WALKS.values()])
    alone = each_alone(embed, recordings, Windows(windows.length, windows.length))
    rule = by_windows(windows)
    cells = [measure(embed, recordings, alone, each, rule) for each in WALKS.values()]
    print_row("following, both in windows", cells)
    return 0


def print_row(name: str, cells: list[tuple[float, float, float]]) -> None:
    """Print the figures of one rule."""
    row = "".join("{:11.3f} {:7.0f} {:4.0f}".format(*cell) for cell in cells)
    print(f"{name:<30}{row}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
