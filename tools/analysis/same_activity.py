r"""Measure how well alignments tell pairs of one activity from pairs of two.

Pairs of clips are made as people film them: of one action plain, slowed, ramped, with idling, in
part, three times over, mirrored, with a gap in the detections against itself, and, with --views,
by two cameras; of two actions; of one action and its reverse (but of actions that look alike
backwards); and of a movement and somebody waiting. All have an estimator's mistakes. They are
aligned as `mmalign align` does.

Printed per kind: the shares called another activity, unclear and the same; then the area under the
ROC curve of all pairs with its 95 % interval (bootstrap over pairs).

With --fit it prints the weights of a logistic regression of "the same" on the measures of each
pair instead, shifted so that a score of 0.5 leaves a twentieth of the pairs of one activity below
it; and the score that leaves a fifth. Use a network that has not seen the clips.

Example: python tools/analysis/same_activity.py data/penn_action --views data/ui_prmd --num 60
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mmalign.apis import AlignedPair, AlignmentInferencer
from mmalign.apis.packaged import DEFAULT
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.experiments.activity_pairs import DIFFERENT, SAME, activity_pairs
from mmalign.experiments.seen_executions import executions_seen
from mmalign.fileio import write_json
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import SequenceEntry, read_index

SHORTEST = 20
"""Frames of a clip at least."""
FIT_C = 1.0
"""Inverse strength of the fit's regularisation."""
CALLED_ANOTHER, CALLED_UNCLEAR = 0.05, 0.2
"""Shares of the pairs of one activity that the fit leaves below the two thresholds."""
_BOOTSTRAPS = 1000


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("root", help="a prepared data set with several actions")
    add("--views", help="a prepared data set of executions called EXECUTION_CAMERA")
    add("--checkpoint", default=DEFAULT, help="a network, or none for raw poses")
    add("--split", default="val", choices=("train", "val"))
    add("--num", type=int, default=60, help="pairs of each kind of one activity")
    add("--seed", type=int, default=0, help="of their choice")
    add("--fit", action="store_true", help="print the weights of a fit")
    add("--out", help="JSON file for the figures")
    args = parser.parse_args(argv)
    clips = clips_of(args.root, args.split)
    views = executions_seen(args.views, args.split) if args.views else []
    align = AlignmentInferencer(args.checkpoint)
    pairs = activity_pairs(clips, views, args.num, args.seed)
    found = [
        align(pair.reference, pair.other).pairs[0]
        for pair in track(pairs, "aligning", console=Console(stderr=True))
    ]
    same = np.array([pair.is_same for pair in pairs])
    if args.fit:
        print_fit(np.array([pair.measures for pair in found]), same)
        return 0
    figures = summary([pair.kind for pair in pairs], same, found)
    for kind, row in figures.items():
        print(f"{kind:12}" + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    if args.out:
        write_json(args.out, figures)
    return 0


def clips_of(root: str, split: str) -> dict[str, list[PoseSequence]]:
    """The clips of a split that are long enough, by action.

    Raises:
        InputError: If fewer than two actions have two.
    """
    found: dict[str, list[PoseSequence]] = {}
    for entry in _entries(root, split):
        if entry.num_frames >= SHORTEST:
            found.setdefault(entry.action, []).append(read_pose_file(Path(root, entry.file)))
    found = {action: some for action, some in sorted(found.items()) if len(some) > 1}
    if len(found) < 2:
        raise InputError(
            f"{root}: found {len(found)} action(s) with two {split} clips of {SHORTEST} frames,"
            " expected two or more"
        )
    return found


def _entries(root: str, split: str) -> list[SequenceEntry]:
    return [entry for entry in read_index(root).sequences if entry.split == split]


def summary(
    kinds: Sequence[str], same: np.ndarray, found: Sequence[AlignedPair]
) -> dict[str, dict[str, float]]:
    """Shares of the three verdicts per kind, of all valid pairs and all others; and the area."""
    verdicts, names = np.array([pair.verdict for pair in found]), np.array(kinds)
    chosen = {kind: names == kind for kind in SAME + DIFFERENT if (names == kind).any()}
    chosen |= {"one activity": same, "two": ~same}
    rows = {
        kind: {
            "pairs": float(which.sum()),
            **{of: float((verdicts[which] == of).mean()) for of in ("another", "unclear", "same")},
        }
        for kind, which in chosen.items()
    }
    scores = np.array([pair.same_activity for pair in found])
    rng = np.random.default_rng(0)
    again = [rng.integers(len(same), size=len(same)) for _ in range(_BOOTSTRAPS)]
    areas = [roc_auc_score(same[i], scores[i]) for i in again if len(set(same[i])) == 2]
    low, high = np.percentile(areas, [2.5, 97.5])
    area = float(roc_auc_score(same, scores))
    rows["ROC"] = {"area": area, "low": float(low), "high": float(high)}
    return rows


def print_fit(measures: np.ndarray, same: np.ndarray) -> None:
    """Print the weights of a logistic regression, its constant, and the upper threshold."""
    measures = measures[:, :-1]  # Not the order, which is judged by itself.
    scale = measures.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=FIT_C, max_iter=1000).fit(measures / scale, same)
    weights = np.round(fitted.coef_[0] / scale, 2)
    logits = measures @ weights
    another, unclear = np.quantile(logits[same], [CALLED_ANOTHER, CALLED_UNCLEAR])
    shown = ", ".join(f"{weight:.2f}" for weight in weights)
    print(
        f"weights {shown}; constant {-another:.2f}; surely same from"
        f" {expit(unclear - another):.2f}; {len(same)} pairs"
    )


if __name__ == "__main__":
    raise SystemExit(main())
