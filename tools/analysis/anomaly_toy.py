r"""Score toy clips with a skipped, repeated or slowed step against held-out normal ones.

Normal clips of one half of the performers calibrate the detector; those of the other half and the
same clips with one step skipped, done twice or done at a quarter of its tempo are scored. Beside
the embeddings stand the raw poses: in the same detector, and by the cost of DTW to the nearest
normal clip alone.

Example: python tools/analysis/anomaly_toy.py work_dirs/demo/epoch_30.pth --out anomaly.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sklearn.metrics import roc_auc_score

from mmalign.analysis.anomaly import AnomalyDetector, dtw_costs
from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.guard import guarded
from mmalign.datasets.pose_file import PoseSequence
from mmalign.datasets.toy.activities import get_activity
from mmalign.datasets.toy.activity import Activity
from mmalign.datasets.toy.generator import FPS, generate_sequence
from mmalign.datasets.toy.performer import make_performer
from mmalign.fileio import atomic_write
from mmalign.functional.floors import raw_pose

# Clips are made at so many times the frame rate and thinned out, but for a slowed step.
_SLOWNESS = 4
_LENGTH = (64 * _SLOWNESS, 112 * _SLOWNESS)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="trained on the toy activity")
    parser.add_argument("--activity", default="lift", help="(default: %(default)s)")
    parser.add_argument("--clips", type=int, default=40, help="normal clips of each kind")
    parser.add_argument("--seed", type=int, default=1000, help="of the clips")
    parser.add_argument("--out", metavar="FILE", help="a JSON file for the figures")
    args = parser.parse_args(argv)
    embed = Embedder(load_aligner(args.checkpoint))
    clips = make_clips(get_activity(args.activity), args.clips, args.seed)
    figures = {
        "length of the clip": areas({k: [len(c.scores) for c in clips[k]] for k in clips}),
        **figures_of("embedding", clips, lambda clip: embed(clip, FPS)),
        **figures_of("raw pose", clips, lambda clip: raw_pose(clip.keypoints, clip.scores)),
    }
    for name, row in figures.items():
        print(f"{name:28}", "  ".join(f"{kind} {value:.3f}" for kind, value in row.items()))
    if args.out:
        with atomic_write(args.out) as temporary:
            temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def figures_of(
    name: str, clips: dict[str, list[PoseSequence]], feature: Callable[[PoseSequence], np.ndarray]
) -> dict[str, dict[str, float]]:
    """What one kind of feature gives."""
    found = {kind: [feature(clip) for clip in group] for kind, group in clips.items()}
    detector = AnomalyDetector(found["train"], FPS)
    detector.calibrate(found["calibration"])
    scores = {kind: [detector(x) for x in group] for kind, group in found.items()}
    costs = {k: [float(dtw_costs(x, found["train"]).min()) for x in found[k]] for k in found}
    return {
        name: areas({k: [s.score for s in scores[k]] for k in scores}),
        f"{name}, distance only": areas({k: [s.distance.max() for s in scores[k]] for k in scores}),
        f"{name}, tempo only": areas({k: [s.tempo.max() for s in scores[k]] for k in scores}),
        f"{name}: DTW cost": areas(costs),
        f"{name}: share flagged": {
            k: float(np.mean([s.is_anomaly for s in scores[k]])) for k in scores
        },
    }


def areas(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Area under the ROC curve of every kind of anomaly against the normal clips, and of all."""
    normal = list(scores["normal"])
    kinds = {kind: list(scores[kind]) for kind in ("skipped", "repeated", "slowed")}
    kinds["all"] = [value for values in kinds.values() for value in values]
    return {
        kind: float(roc_auc_score([0] * len(normal) + [1] * len(values), normal + values))
        for kind, values in kinds.items()
    }


def make_clips(activity: Activity, count: int, seed: int) -> dict[str, list[PoseSequence]]:
    """Clips by what they are for: training performers, two halves of the others, and anomalies."""

    def clip(kind: Activity, split: str, number: int, slow: int = -1) -> PoseSequence:
        sequence = generate_sequence(
            kind, make_performer(split, number, seed), seed + number, length=_LENGTH
        )
        kept = np.flatnonzero(
            (np.arange(sequence.num_frames) % _SLOWNESS == 0) | (sequence.labels == slow)
        )
        return PoseSequence(
            keypoints=sequence.keypoints[kept],
            scores=sequence.scores[kept],
            frame_size=sequence.frame_size,
            fps=FPS,
            skeleton=sequence.skeleton,
        )

    steps = np.random.default_rng(seed).integers(0, activity.num_phases, size=2 * count)
    test = range(count, 2 * count)
    return {
        "train": [clip(activity, "train", i) for i in range(count)],
        "calibration": [clip(activity, "val", i) for i in range(count)],
        "normal": [clip(activity, "val", i) for i in test],
        "skipped": [clip(without_step(activity, steps[i]), "val", i) for i in test],
        "repeated": [clip(with_step_twice(activity, steps[i]), "val", i) for i in test],
        "slowed": [clip(activity, "val", i, slow=steps[i]) for i in test],
    }


def without_step(activity: Activity, step: int) -> Activity:
    """The activity without one step: straight on to the pose after the next step's end.

    The last step cannot be left out this way; its predecessor is.
    """
    step = min(step, activity.num_phases - 2)
    kept = [i for i in range(activity.num_phases) if i != step]
    poses = tuple(pose for i, pose in enumerate(activity.poses) if i != step + 1)
    return replace(
        activity,
        poses=poses,
        phases=tuple(activity.phases[i] for i in kept),
        shares=tuple(activity.shares[i] for i in kept),
    )


def with_step_twice(activity: Activity, step: int) -> Activity:
    """The activity with one step done, undone and done again."""
    first, second = activity.poses[step : step + 2]
    return replace(
        activity,
        poses=(*activity.poses[: step + 2], first, second, *activity.poses[step + 2 :]),
        phases=tuple(f"step {i}" for i in range(activity.num_phases + 2)),
        shares=(
            *activity.shares[: step + 1],
            *[activity.shares[step]] * 2,
            *activity.shares[step + 1 :],
        ),
    )


if __name__ == "__main__":
    raise SystemExit(main())
