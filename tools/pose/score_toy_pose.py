"""Score the toy pose networks on clips of performers, bodies and cameras that they never saw.

PCK@0.05 is the share of joints within 5 % of the longer side of the figure's box. With the true
boxes, and end to end with the detector's; by MMPose and, from exported ONNX files, by rtmlib; and
how far the two are apart on the same boxes.

Example: python tools/pose/score_toy_pose.py --work-dir work_dirs/toy_pose --out toy_pose.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from mmalign.cli.guard import guarded
from mmalign.extraction.backends.base import PoseBackend
from mmalign.extraction.backends.mmpose import MMPoseBackend
from mmalign.extraction.backends.onnx_export import export_detector, export_pose
from mmalign.extraction.backends.rtmlib import RTMLibBackend
from mmalign.fileio import atomic_write
from mmalign.toy.coco_tree import load_figures

THRESHOLD = 0.05
CHUNK = 16
LEAST_SCORE = 0.3


def intersection_over_union(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Overlap ``(D,)`` of a box ``(4,)`` with others ``(D, 4)``."""
    common = np.minimum(box[2:], others[:, 2:4]) - np.maximum(box[:2], others[:, :2])
    shared = common.clip(0).prod(axis=-1)
    areas = [np.prod(b[..., 2:4] - b[..., :2], axis=-1) for b in (box, others)]
    return shared / (areas[0] + areas[1] - shared)


def score(backend: PoseBackend, figures: list[Any]) -> tuple[dict[str, float], list[np.ndarray]]:
    """PCK with true and with found boxes, and the joints in the true boxes.

    A figure that no box overlaps by half counts as missed, with all its joints wrong.
    """
    right: dict[str, list[np.ndarray]] = {"true boxes": [], "found boxes": []}
    errors, overlaps, joints = [], [], []
    console = Console(stderr=True)
    for start in track(range(0, len(figures), CHUNK), "scoring", console=console):
        frames, boxes, truths = zip(*figures[start : start + CHUNK], strict=True)
        in_true = backend.estimate(frames, boxes)
        found = [rows[rows[:, 4] >= LEAST_SCORE] for rows in backend.detect(frames)]
        in_found = backend.estimate(frames, [rows[:, :4] for rows in found])
        joints += in_true
        for box, truth, people, rows, others in zip(
            boxes, truths, in_true, found, in_found, strict=True
        ):
            seen = truth[0, :, 2] > 0
            size = (box[0, 2:] - box[0, :2]).max()
            distance = np.linalg.norm(people[0, :, :2] - truth[0, :, :2], axis=-1)[seen]
            errors.append(distance)
            right["true boxes"].append(distance <= THRESHOLD * size)
            overlap = intersection_over_union(box[0], rows)
            overlaps.append(overlap.max(initial=0))
            hit = np.zeros(seen.sum(), dtype=bool)
            if overlaps[-1] >= 0.5:
                person = others[overlap.argmax()]
                distance = np.linalg.norm(person[:, :2] - truth[0, :, :2], axis=-1)[seen]
                hit = distance <= THRESHOLD * size
            right["found boxes"].append(hit)
    result = {f"PCK@{THRESHOLD}, {k}": float(np.concatenate(v).mean()) for k, v in right.items()}
    result["median error in pixels, true boxes"] = float(np.median(np.concatenate(errors)))
    result["figures found (IoU >= 0.5)"] = float((np.array(overlaps) >= 0.5).mean())
    return result, joints


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Export, score, print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work-dir", type=Path, required=True, help="of train_toy_pose.py")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    here: Path = args.work_dir
    full = MMPoseBackend(
        model=str(here / "pose.py"),
        checkpoint=str(here / "pose.pth"),
        detector=str(here / "detector.py"),
        detector_checkpoint=str(here / "detector.pth"),
        threads=args.threads,
    )
    assert full.detector is not None
    export_pose(full.pose, here / "pose.onnx")
    export_detector(full.detector, full.person, here / "detector.onnx")
    light = RTMLibBackend(
        model=str(here / "pose.onnx"),
        detector=str(here / "detector.onnx"),
        threads=args.threads,
    )
    figures = list(load_figures(here / "data" / "val.json"))
    results: dict[str, Any] = {"frames": len(figures)}
    results["mmpose"], mine = score(full, figures)
    results["rtmlib"], other = score(light, figures)
    apart = np.concatenate(
        [np.abs(a - b)[..., :2].ravel() for a, b in zip(mine, other, strict=True)]
    )
    results["mmpose against rtmlib on the same boxes"] = {
        "largest difference in pixels": float(apart.max()),
        "share of coordinates within 0.5 pixels": float((apart <= 0.5).mean()),
    }
    text = json.dumps(results, indent=2)
    print(text)
    if args.out:
        with atomic_write(args.out) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
