r"""Measure how well alignments tell pairs of one activity from pairs of two.

For every network, pairs of clips of its own action stand against as many pairs of one such clip and
one of another action, each of the two being the reference in half of them; all aligned as
`mmalign align` does. Of the pairs of one action it also prints how much was matched, and how many
of the matched frames have the label of their counterpart.

With --fit it prints the weights of a logistic regression of "the same" on the three measures of
each pair instead, for networks that have not seen the clips: those of --holdout, trained with the
same.

Example: python tools/analysis/same_activity.py --data-root data/penn_action \\
             --checkpoint golf_swing=work_dirs/golf_swing/epoch_20.pth --out same_activity.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.apis.pairing import EmbeddedSequence, align_pair
from mmalign.cli.config import add_checkpoint_arguments, parse_holdout
from mmalign.cli.guard import guarded
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.fileio import write_json
from mmalign.functional.alignment import align_frames
from mmalign.poses.pose_file import read_pose_file
from mmalign.poses.pose_index import SequenceEntry, read_index
from mmalign.structures.alignment import AlignedPair, AlignedSequence

FIT_C = 10.0
"""Inverse strength of the fit's regularisation."""

Pair = tuple[SequenceEntry, SequenceEntry]


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_checkpoint_arguments(parser)
    parser.add_argument("--split", default="val", choices=("train", "val"))
    parser.add_argument("--num", type=int, default=40, help="pairs of either kind and action")
    parser.add_argument("--seed", type=int, default=0, help="of their choice")
    parser.add_argument(
        "--holdout", type=parse_holdout, metavar="K/N", help="held-out training clips, not --split"
    )
    parser.add_argument("--fit", action="store_true", help="print the weights of a fit")
    args = parser.parse_args(argv)
    figures, measures = {}, []
    for action, checkpoint in args.checkpoint:
        entries = candidates(args.data_root, action, args.split, args.holdout)
        same, other = draw(entries, action, args.num, args.seed)
        embedder = Embedder(load_aligner(checkpoint))
        clips = embed_all(args.data_root, embedder, same + other, action)
        if args.fit:
            for a, b in same + other:
                first, second = clips[a.id], clips[b.id]
                found_one = align_frames(first.frames, second.frames, first.fps)
                measures.append((*found_one.measures, float(a.action == b.action)))
            continue
        found = [
            align_pair(clips[a.id], clips[b.id], "subsequence", "auto") for a, b in same + other
        ]
        figures[action] = summary(args.data_root, same, found[: len(same)], found[len(same) :])
        row = (f"{name} {value:.3f}" for name, value in figures[action].items())
        print(f"{action:16}", "  ".join(row), flush=True)
    if args.fit:
        *columns, truth = np.array(measures).T
        fitted = LogisticRegression(C=FIT_C).fit(np.stack(columns, axis=1), truth)
        weights = ", ".join(f"{weight:.2f}" for weight in fitted.coef_[0])
        print(f"weights {weights}; constant {fitted.intercept_[0]:.2f}; {len(truth)} pairs")
    elif args.out:
        write_json(args.out, figures)
    return 0


def candidates(
    root: str, action: str, split: str, holdout: tuple[int, int] | None
) -> list[SequenceEntry]:
    """Clips of the action, of a split or those held out, and those of other actions in it."""
    entries = read_index(root).sequences
    if holdout is None:
        return [entry for entry in entries if entry.split == split]
    dataset = PoseSequenceDataset(root, action=action, split="val", holdout=holdout)
    kept = {dataset.get_data_info(index)["sample_id"] for index in range(len(dataset))}
    training = [entry for entry in entries if entry.split == "train"]
    return [entry for entry in training if entry.action != action or entry.id in kept]


def draw(
    entries: Sequence[SequenceEntry], action: str, num: int, seed: int
) -> tuple[list[Pair], list[Pair]]:
    """Random pairs of one action and of two.

    Raises:
        InputError: If there are not two clips of the action or none of another.
    """
    own = [entry for entry in entries if entry.action == action]
    strangers = [entry for entry in entries if entry.action != action]
    if len(own) < 2 or not strangers:
        raise InputError(
            f"found {len(own)} clips of {action!r} and {len(strangers)} of other actions, expected"
            " two and one or more; check the data set, the split and the action"
        )
    rng = np.random.default_rng(seed)
    same, other = [], []
    for number in range(num):
        first, second = (own[k] for k in rng.choice(len(own), 2, replace=False))
        same.append((first, second))
        stranger = strangers[rng.integers(len(strangers))]
        other.append((first, stranger) if number % 2 else (stranger, first))
    return same, other


def embed_all(
    root: str, embedder: Embedder, pairs: Sequence[Pair], title: str
) -> dict[str, EmbeddedSequence]:
    """Every clip of some pairs, embedded once."""
    clips: dict[str, EmbeddedSequence] = {}
    console = Console(stderr=True)
    for entry in track([one for pair in pairs for one in pair], title, console=console):
        if entry.id not in clips:
            poses = read_pose_file(Path(root, entry.file))
            fps = embedder.aligner.common_rate([poses.fps])
            clips[entry.id] = EmbeddedSequence(
                AlignedSequence(entry.id, poses),
                embedder(poses, fps),
                fps,
                embedder(poses, fps, mirrored=True),
            )
    return clips


def summary(
    root: str, pairs: Sequence[Pair], same: list[AlignedPair], other: list[AlignedPair]
) -> dict[str, float]:
    """Area under the ROC curve, shares called the same, shares matched, labels that agree."""
    scores = [pair.same_activity for pair in same + other]
    agree: list[np.ndarray] = []
    for (a, b), pair in zip(pairs, same, strict=True):
        first, second = (read_pose_file(Path(root, one.file)).labels for one in (a, b))
        if first is not None and second is not None:
            places = np.rint(pair.positions[pair.matched]).astype(np.intp)
            agree.append(first[places] == second[pair.matched])
    return {
        "auc": float(roc_auc_score([1] * len(same) + [0] * len(other), scores)),
        "same_called_same": float(np.mean([pair.is_same_activity for pair in same])),
        "other_called_same": float(np.mean([pair.is_same_activity for pair in other])),
        "same_matched": float(np.mean([pair.matched.mean() for pair in same])),
        "other_matched": float(np.mean([pair.matched.mean() for pair in other])),
        "labels_agree": float(np.concatenate(agree).mean()) if agree else float("nan"),
    }


if __name__ == "__main__":
    raise SystemExit(main())
