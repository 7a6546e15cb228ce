r"""Measure how well alignments tell pairs of one activity from pairs of two.

For every network, pairs of clips of its own action stand against as many pairs of one such clip and
one of another action, each of the two being the reference in half of them; all aligned as
`mmalign align` does. Of the pairs of one action it also prints how much was matched, and how many
of the matched frames have the label of their counterpart.

Example: python tools/analysis/same_activity.py data/penn_action \\
             --checkpoint golf_swing=work_dirs/golf_swing/epoch_20.pth --out same_activity.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.metrics import roc_auc_score

from mmalign.apis.alignment import AlignedPair, AlignedSequence
from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.apis.pairing import EmbeddedSequence, align_pair
from mmalign.cli.guard import guarded
from mmalign.datasets.pose_file import read_pose_file
from mmalign.datasets.pose_index import PoseIndex, SequenceEntry, read_index
from mmalign.errors import InputError
from mmalign.fileio import atomic_write

Pair = tuple[SequenceEntry, SequenceEntry]


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA_ROOT", help="a prepared data set")
    parser.add_argument("--checkpoint", required=True, nargs="+", metavar="ACTION=CKPT")
    parser.add_argument("--split", default="val", choices=("train", "val"))
    parser.add_argument("--num", type=int, default=40, help="pairs of either kind and action")
    parser.add_argument("--seed", type=int, default=0, help="of their choice")
    parser.add_argument("--out", metavar="FILE", help="a JSON file for the figures")
    args = parser.parse_args(argv)
    figures = {}
    for item in args.checkpoint:
        action, _, checkpoint = item.partition("=")
        same, other = draw(read_index(args.data_root), action, args.split, args.num, args.seed)
        embedder = Embedder(load_aligner(checkpoint))
        found = align_all(args.data_root, embedder, same + other, action)
        figures[action] = summary(args.data_root, same, found[: len(same)], found[len(same) :])
        row = (f"{name} {value:.3f}" for name, value in figures[action].items())
        print(f"{action:16}", "  ".join(row), flush=True)
    if args.out:
        with atomic_write(args.out) as temporary:
            temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def draw(
    index: PoseIndex, action: str, split: str, num: int, seed: int
) -> tuple[list[Pair], list[Pair]]:
    """Random pairs of one action and of two.

    Raises:
        InputError: If there are not two clips of the action or none of another.
    """
    entries = [entry for entry in index.sequences if entry.split == split]
    own = [entry for entry in entries if entry.action == action]
    strangers = [entry for entry in entries if entry.action != action]
    if len(own) < 2 or not strangers:
        raise InputError(
            f"{split}: {len(own)} clips of {action!r} and {len(strangers)} of other actions,"
            " expected two and one or more; check the data set and the action"
        )
    rng = np.random.default_rng(seed)
    same, other = [], []
    for number in range(num):
        first, second = (own[k] for k in rng.choice(len(own), 2, replace=False))
        same.append((first, second))
        stranger = strangers[rng.integers(len(strangers))]
        other.append((first, stranger) if number % 2 else (stranger, first))
    return same, other


def align_all(
    root: str, embedder: Embedder, pairs: Sequence[Pair], title: str
) -> list[AlignedPair]:
    """Align pairs; every clip is embedded once."""
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
    return [align_pair(clips[a.id], clips[b.id], "subsequence", "auto") for a, b in pairs]


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
