r"""Score toy clips with a skipped, repeated or slowed step against held-out normal ones.

Normal clips of one half of the performers calibrate the detector; those of the other half and the
same clips with one step skipped, done twice or done at a quarter of its tempo are scored. Beside
the embeddings stand the raw poses: in the same detector, and by the cost of DTW to the nearest
normal clip alone; and, as a bound for the slowed step, the same measure of tempo on the clips' true
phases. Printed are areas under the ROC curve, the mean over the seeds and the worst of them.

Example:
  python tools/analysis/anomaly_toy.py work_dirs/demo/epoch_30.pth --seeds 1001 1002 --out a.json
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.metrics import roc_auc_score

from mmalign.analysis.anomaly import AnomalyDetector, dtw_costs
from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.guard import guarded
from mmalign.fileio import write_json
from mmalign.functional.floors import raw_pose
from mmalign.poses.pose_file import PoseSequence
from mmalign.toy.activities import get_activity
from mmalign.toy.activity import Activity
from mmalign.toy.anomalies import perform, with_step_twice, without_step
from mmalign.toy.generator import FPS
from mmalign.toy.performer import make_performer


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="trained on the toy activity")
    parser.add_argument("--activity", default="lift", help="(default: %(default)s)")
    parser.add_argument("--clips", type=int, default=40, help="normal clips of each kind")
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=[1001], help="of clips and performers"
    )
    parser.add_argument("--out", metavar="FILE", help="a JSON file for the figures")
    args = parser.parse_args(argv)
    embed = Embedder(load_aligner(args.checkpoint))
    activity = get_activity(args.activity)
    by_seed = {}
    for seed in track(args.seeds, "seeds", console=Console(stderr=True), transient=True):
        clips = make_clips(activity, args.clips, seed)
        by_seed[seed] = {
            "length of the clip": areas({k: [len(c.scores) for c in clips[k]] for k in clips}),
            "true phases: tempo": true_tempo(clips, activity.num_phases),
            **figures_of("embedding", clips, lambda clip: embed(clip, FPS)),
            **figures_of("raw pose", clips, lambda clip: raw_pose(clip.keypoints, clip.scores)),
        }
    for name, first in next(iter(by_seed.values())).items():
        kinds = {kind: [by_seed[seed][name][kind] for seed in by_seed] for kind in first}
        row = (
            f"{kind} {np.mean(values):.3f} ({min(values):.3f})" for kind, values in kinds.items()
        )
        print(f"{name:28}", "  ".join(row))
    if args.out:
        write_json(args.out, by_seed)
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


def true_tempo(clips: Mapping[str, Sequence[PoseSequence]], num_phases: int) -> dict[str, float]:
    """What the tempo can tell of a slowed step at best: by the frames of every true phase."""

    def measures(clip: PoseSequence) -> np.ndarray:
        assert clip.labels is not None  # Generated clips have them.
        frames = np.bincount(clip.labels, minlength=num_phases)
        return np.append(np.log(frames), frames.sum())

    train = np.array([measures(clip) for clip in clips["train"]])
    scores = {}
    for kind in ("normal", "slowed"):
        found = np.array([measures(clip) for clip in clips[kind]])
        excess = (found - train.mean(axis=0)) / train.std(axis=0)
        scores[kind] = list(excess[:, :-1].max(axis=1) + excess[:, -1])
    return {"slowed": area(scores["normal"], scores["slowed"])}


def areas(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Area under the ROC curve of every kind of anomaly against the normal clips, and of all."""
    normal = list(scores["normal"])
    kinds = {kind: list(scores[kind]) for kind in ("skipped", "repeated", "slowed")}
    kinds["all"] = [value for values in kinds.values() for value in values]
    return {kind: area(normal, values) for kind, values in kinds.items()}


def area(normal: Sequence[float], anomalies: Sequence[float]) -> float:
    """Area under the ROC curve."""
    truth = [0] * len(normal) + [1] * len(anomalies)
    return float(roc_auc_score(truth, [*normal, *anomalies]))


def make_clips(activity: Activity, count: int, seed: int) -> dict[str, list[PoseSequence]]:
    """Clips by what they are for: training performers, two halves of the others, and anomalies."""

    def clip(kind: Activity, split: str, number: int, slow: int = -1) -> PoseSequence:
        return perform(kind, make_performer(split, number, seed), seed + number, slow)

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


if __name__ == "__main__":
    raise SystemExit(main())
