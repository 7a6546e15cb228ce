r"""Which validation clips the errors of progress are in.

Progress is R² of a linear regression of the distance to each phase boundary, in shares of the
clip's length (protocol, section 1), over all frames of the validation clips. Beside it stand the
clip that holds the largest share of the squared error, and R² without it.

Example: python tools/analysis/progress_errors.py --data-root data/penn_action \
             --checkpoint pushups=work_dirs/pushups/epoch_20.pth --out progress_errors.json

Several checkpoints of an action, e.g. of other seeds: the figures are means over them, and the clip
is that with the largest share in the mean.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import mean
from typing import Any

import numpy as np
from sklearn.metrics import r2_score

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.config import add_checkpoint_arguments
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.evaluation.report import one_line
from mmalign.experiments.labelled_clips import (
    Features,
    labelled_entries,
    training_and_validation_features,
)
from mmalign.fileio import write_json
from mmalign.functional.metrics import predict_progression


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_checkpoint_arguments(parser)
    args = parser.parse_args(argv)
    of_action: dict[str, list[tuple[Features, Features]]] = {}
    for action, checkpoint in args.checkpoint:
        embed = Embedder(load_aligner(checkpoint), action)
        features = training_and_validation_features(args.data_root, action, embed)
        of_action.setdefault(action, []).append(features)
    figures: dict[str, dict[str, Any]] = {}
    for action, networks in of_action.items():
        worst, figures[action] = worst_clip(networks)
        figures[action]["clip"] = labelled_entries(args.data_root, action, "val")[worst].id
        print(action, one_line(figures[action]), sep=": ", flush=True)
    figures["mean"] = {
        key: mean(one[key] for one in figures.values()) for key in ("progress", "without")
    }
    print("mean of the actions", one_line(figures["mean"]), sep=": ")
    if args.out:
        write_json(args.out, figures)
    return 0


def worst_clip(networks: Sequence[tuple[Features, Features]]) -> tuple[int, dict[str, Any]]:
    """Find the validation clip with the largest share of the squared error.

    Args:
        networks: Features and labels of the training and of the validation clips, of one action by
            one or more networks.

    Returns:
        Its place among the validation clips, and ``progress``, ``without`` it, its ``share``, its
        ``frames``, and the ``bias`` of what is predicted for it, mean of predicted minus true
        distance in shares of its length: means over the networks.

    Raises:
        InputError: If there is but one validation clip, or one phase.
    """
    if len(networks[0][1][0]) < 2:
        raise InputError("found one labelled validation clip, expected two at least")
    found = [predict_progression(*train, *val) for train, val in networks]
    errors = []
    for targets, predicted in found:
        if targets[0].shape[1] == 0:
            raise InputError("found a single phase, expected two at least: progress has no target")
        errors.append([said - true for true, said in zip(targets, predicted, strict=True)])
    squares = np.array([[np.square(clip).sum() for clip in clips] for clips in errors])
    shares = (squares / squares.sum(axis=1, keepdims=True)).mean(axis=0)
    worst = int(shares.argmax())
    kept = [i for i in range(len(shares)) if i != worst]
    return worst, {
        "progress": mean(progress_of(*network, range(len(shares))) for network in found),
        "without": mean(progress_of(*network, kept) for network in found),
        "share": float(shares[worst]),
        "frames": len(networks[0][1][1][worst]),
        "bias": mean(float(clips[worst].mean()) for clips in errors),
    }


def progress_of(
    targets: Sequence[np.ndarray], predicted: Sequence[np.ndarray], clips: Sequence[int]
) -> float:
    """R² over the frames of some clips."""
    true, said = (np.concatenate([part[i] for i in clips]) for part in (targets, predicted))
    return float(r2_score(true, said))


if __name__ == "__main__":
    raise SystemExit(main())
