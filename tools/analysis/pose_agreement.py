r"""How far estimated poses are from reference poses of the same videos.

The reference is what another tool found, in any format that `mmalign extract-poses --backend file`
takes. Joints that both skeletons have are compared in the frames whose reference scores them 0.3 or
more: PCK@0.2 is the share nearer than a fifth of the reference's torso, from the middle of the
shoulders to that of the hips; a frame without the person counts as wrong. Seconds are of the
process's CPU, decoding and all.

Example: python tools/analysis/pose_agreement.py data/pose2sim_balancing/videos \
    --reference data/pose2sim_balancing/pose-associated --reference-format openpose \
    --backend blazepose --det-every 5 --threads 1
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.extraction import FilePeople, PoseExtractor
from mmalign.extraction.jobs import list_jobs
from mmalign.extraction.options import add_extraction_arguments, extractor_from, settle_backend
from mmalign.formats.catalogue import list_formats
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

LEAST_SCORE = 0.3
SHARE_OF_TORSO = 0.2
_COLUMNS = ("video", "frames", "found", "joints", "PCK@0.2", "median px", "s/frame")


def agreement(found: PoseSequence, reference: PoseSequence) -> dict[str, float]:
    """Compare two pose sequences frame by frame.

    Returns:
        ``found``, the share of the frames with the person; ``joints``, how many the skeletons
        share; ``PCK@0.2``; and ``median px`` over the frames with the person.

    Raises:
        InputError: If the sequences are of different lengths.
    """
    if found.num_frames != reference.num_frames:
        raise InputError(
            f"{found.num_frames} frames of estimated poses, but {reference.num_frames} of reference"
            " poses; give one pose a picture and no --fps"
        )
    own, other = (get_skeleton(sequence.skeleton).joints for sequence in (found, reference))
    shared = [name for name in own if name in other]
    mine, true = ([joints.index(name) for name in shared] for joints in (own, other))
    there = found.scores.max(axis=1) > 0
    compared = reference.scores[:, true] >= LEAST_SCORE
    distance = np.linalg.norm(found.keypoints[:, mine] - reference.keypoints[:, true], axis=2)
    torso = np.linalg.norm(_middle(reference, "shoulder") - _middle(reference, "hip"), axis=1)
    right = there[:, None] & (distance < SHARE_OF_TORSO * torso[:, None])
    return {
        "found": float(there.mean()),
        "joints": len(shared),
        "PCK@0.2": float(right[compared].mean()),
        "median px": float(np.median(distance[compared & there[:, None]])),
    }


def _middle(sequence: PoseSequence, joint: str) -> np.ndarray:
    joints = get_skeleton(sequence.skeleton).joints
    both = [joints.index(f"{side}_{joint}") for side in ("left", "right")]
    return sequence.keypoints[:, both].mean(axis=1)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Print a row per video."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", nargs="+", type=Path, help="files and folders")
    parser.add_argument("--reference", type=Path, required=True, help="file or folder of poses")
    parser.add_argument("--reference-format", choices=list_formats(), default="openpose")
    add_extraction_arguments(parser)
    args = parser.parse_args(argv)
    taken = settle_backend(args)
    if taken is not None:
        print(taken, file=sys.stderr)
    extractor = extractor_from(args)
    truth = PoseExtractor(FilePeople(args.reference, args.reference_format), extractor.choice)
    print("| " + " | ".join(_COLUMNS) + " |\n|---|" + "---:|" * (len(_COLUMNS) - 1))
    for job in list_jobs(args.videos):
        begin = time.process_time()
        found = extractor(job.path).sequences[0]
        seconds = (time.process_time() - begin) / found.num_frames
        row = agreement(found, truth(job.path).sequences[0])
        print(
            f"| {job.name} | {found.num_frames} | {row['found']:.2f} | {row['joints']}"
            f" | {row['PCK@0.2']:.3f} | {row['median px']:.1f} | {seconds:.4f} |"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
