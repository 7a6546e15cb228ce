r"""Carry phases over from one labelled clip to all validation clips, and count what is right.

The labelled clips are the medoid of the training split and some others drawn at random. Each
validation clip is taken whole and cut to the window of the trimmed protocol; a frame without a
counterpart counts as wrong. Beside the embedding stand the centred and scaled raw pose, aligned in
the same ways, poses brought to a fixed number of frames, and the clock: the label at the same share
of the clip.

Example: python tools/analysis/phase_transfer.py --data-root data/penn_action \\
             --checkpoint pushups=work_dirs/pushups/epoch_20.pth --out phase_transfer.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import mean

import numpy as np

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.config import add_checkpoint_arguments
from mmalign.cli.guard import guarded
from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.experiments.phase_transfer import (
    floor_figures,
    transfer_figures,
    whole_and_trimmed,
)
from mmalign.fileio import write_json
from mmalign.functional.floors import raw_pose


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_checkpoint_arguments(parser)
    parser.add_argument("--others", type=int, default=5, help="labelled clips beside the medoid")
    parser.add_argument("--seed", type=int, default=0, help="of their choice")
    args = parser.parse_args(argv)
    figures = {}
    for action, checkpoint in args.checkpoint:
        embedder = Embedder(load_aligner(checkpoint), action)
        figures[action] = transfer(args.data_root, action, embedder, args.others, args.seed)
        print_figures(action, figures[action])
    figures["mean"] = {
        key: {name: mean(figures[a][key][name] for a in figures) for name in content}
        for key, content in next(iter(figures.values())).items()
    }
    print_figures("mean of the actions", figures["mean"])
    if args.out:
        write_json(args.out, figures)
    return 0


def transfer(
    root: str, action: str, embedder: Embedder, others: int, seed: int
) -> dict[str, dict[str, float]]:
    """Accuracies of one action.

    Returns:
        Per ``clips, feature, method`` what :func:`~mmalign.experiments.phase_transfer.summary`
        says.
    """
    train, val = labelled_clips(root, action, "train"), whole_and_trimmed(root, action)
    rest = np.random.default_rng(seed).permutation(len(train)).tolist()
    figures: dict[str, dict[str, float]] = {}
    for feature, embed in (
        ("embedding", lambda clip: embedder(clip, clip.fps)),
        ("raw pose", lambda clip: raw_pose(clip.keypoints, clip.scores)),
    ):
        found, chosen = transfer_figures(train, val, embed, others=rest, most=others)
        figures |= {key.replace(", ", f", {feature}, ", 1): one for key, one in found.items()}
        if feature == "embedding":
            figures |= floor_figures(train, val, chosen)
    return figures


def print_figures(title: str, figures: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for key, row in figures.items():
        print(f"  {key:34}", "  ".join(f"{name} {value:.3f}" for name, value in row.items()))


if __name__ == "__main__":
    raise SystemExit(main())
