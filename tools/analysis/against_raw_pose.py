r"""Compare a network with what needs none, clip by clip: the default against raw-pose DTW.

On Penn Action, phases are carried over from one training clip, the medoid under the network, to
every validation clip of an action, whole and trimmed; the difference is that of the shares of
frames with the right phase. With --views, a data set of executions that several cameras saw
(EXECUTION_CAMERA), the first camera is aligned with every other of the same execution; the
difference is that of the median errors in milliseconds, raw pose less network, on poses with an
estimator's mistakes. Printed per set: the mean difference over clips, above 0 where the network is
ahead, and its 95 % interval (bootstrap over clips).

Use a network that has not seen the actions, such as tools/analysis/never_seen.py trains.

Example: python tools/analysis/against_raw_pose.py data/penn_action --views data/ui_prmd4 \
             --checkpoint work_dirs/unseen/epoch_4.pth --out against.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np

from mmalign.apis import AlignmentInferencer
from mmalign.apis.embedder import Embedder
from mmalign.apis.inferencer import NO_NETWORK
from mmalign.apis.loading import load_aligner
from mmalign.cli.guard import guarded
from mmalign.cli.penn_action_data import choose_actions
from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.experiments.phase_transfer import Embed, transferred, whole_and_trimmed
from mmalign.experiments.seen_executions import FPS, executions_seen
from mmalign.experiments.speed_cases import estimated
from mmalign.fileio import write_json
from mmalign.functional.floors import raw_pose
from mmalign.functional.medoid import medoid
from mmalign.poses.pose_file import PoseSequence

_BOOTSTRAPS = 2000


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("root", help="a prepared data set with phases")
    add("--checkpoint", required=True, help="the network")
    add("--actions", nargs="+", help="default: all with phases")
    add("--views", metavar="DATA", help="a prepared data set of several cameras")
    add("--method", default="open", help="see mmalign align (default: %(default)s)")
    add("--out", metavar="FILE", help="write the figures as JSON")
    args = parser.parse_args(argv)
    embedder = Embedder(load_aligner(args.checkpoint))
    figures = {}
    for action in choose_actions(args.root, args.actions):
        differences = phase_differences(args.root, action, partial(_embed, embedder), args.method)
        for name, values in differences.items():
            figures[f"{action}, {name}"] = interval(values)
    if args.views:
        figures["views, ms"] = interval(view_differences(args.views, args.checkpoint, args.method))
    for name, row in figures.items():
        print(f"{name:28}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    if args.out:
        write_json(args.out, figures)
    return 0


def _embed(embedder: Embedder, clip: PoseSequence) -> np.ndarray:
    return embedder(clip, clip.fps)


def phase_differences(root: str, action: str, embed: Embed, method: str) -> dict[str, list[float]]:
    """Per validation clip, whole and trimmed, the accuracy less that of raw-pose DTW."""
    train = labelled_clips(root, action, "train")
    of_train = [embed(clip) for clip in train]
    chosen = medoid(of_train)
    known, plain = of_train[chosen], raw_pose(train[chosen].keypoints, train[chosen].scores)
    found = {}
    for name, clips in whole_and_trimmed(root, action).items():
        fps = clips[0].fps
        ours = transferred(train[chosen], known, [embed(x) for x in clips], fps, method)
        bare = [raw_pose(x.keypoints, x.scores) for x in clips]
        theirs = transferred(train[chosen], plain, bare, fps, "dtw")
        found[name] = [
            float((a == clip.labels).mean() - (b == clip.labels).mean())
            for clip, a, b in zip(clips, ours, theirs, strict=True)
        ]
    return found


def view_differences(root: str, checkpoint: str, method: str) -> list[float]:
    """Per pair of cameras, the median error of raw-pose DTW less the network's, in milliseconds."""
    network, bare = AlignmentInferencer(checkpoint), AlignmentInferencer(NO_NETWORK)
    rng = np.random.default_rng(0)
    differences = []
    for views in executions_seen(root, "val"):
        first, *others = (estimated(view, rng) for view in views)
        for other in others:
            error = [
                _median_error(align, first, other, way)
                for align, way in ((bare, "dtw"), (network, method))
            ]
            differences.append(error[0] - error[1])
    return differences


def _median_error(
    align: AlignmentInferencer, first: PoseSequence, other: PoseSequence, method: str
) -> float:
    positions = align(first, other, method=method).pairs[0].positions
    error = np.abs(positions - np.arange(len(positions))) / FPS * 1000
    return float(np.nanmedian(error)) if np.isfinite(error).any() else float("inf")


def interval(differences: Sequence[float]) -> dict[str, float]:
    """Mean of differences and its 95 % interval, by resampling them."""
    values = np.asarray(differences)
    picks = np.random.default_rng(0).integers(len(values), size=(_BOOTSTRAPS, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return {
        "mean": float(values.mean()),
        "low": float(low),
        "high": float(high),
        "clips": len(values),
    }


if __name__ == "__main__":
    raise SystemExit(main())
