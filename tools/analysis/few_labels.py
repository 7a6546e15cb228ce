r"""How much acc@0.1 owes to the tenth of the training clips that it is fitted on.

The protocol fits the phase classifier on the first tenth of an action's training clips. Here it is
also fitted on tenths drawn at random; beside their accuracies stands how the first tenth's labels
differ from the others': by how many frames a classifier of all other clips puts the end of each
phase later than the annotators did (median over the clips), in the first tenth and in the
validation clips.

Example: python tools/analysis/few_labels.py --data-root data/penn_action \
             --checkpoint pushups=work_dirs/pushups/epoch_20.pth --out few_labels.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import mean
from typing import Any

import numpy as np

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.config import add_checkpoint_arguments
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.evaluation.report import one_line
from mmalign.experiments.labelled_clips import Features, training_and_validation_features
from mmalign.fileio import write_json
from mmalign.functional.metrics import fit_phase_classifier, phase_accuracy

SHARE = 0.1


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_checkpoint_arguments(parser)
    parser.add_argument("--draws", type=int, default=100, help="random tenths (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the draws")
    args = parser.parse_args(argv)
    figures = {}
    for action, checkpoint in args.checkpoint:
        embed = Embedder(load_aligner(checkpoint), action)
        train, val = training_and_validation_features(args.data_root, action, embed)
        figures[action] = compare_tenths(train, val, args.draws, args.seed)
        print(action, one_line(figures[action]), sep=": ", flush=True)
    figures["mean"] = {
        key: mean(one[key] for one in figures.values()) for key in ("first", "random")
    }
    print("mean of the actions", one_line(figures["mean"]), sep=": ")
    if args.out:
        write_json(args.out, figures)
    return 0


def compare_tenths(train: Features, val: Features, draws: int, seed: int = 0) -> dict[str, Any]:
    """Accuracies on the validation clips, fitted on the first tenth and on random ones.

    Args:
        train: Embeddings and labels of the training clips, in annotation order.
        val: Those of the validation clips.
        draws: How many tenths are drawn.
        seed: Of the draws.

    Returns:
        ``first``; ``random``, ``random_std`` and ``random_min`` over the draws; ``below``, the
        share of draws with less than the first tenth's accuracy; ``shift_first`` and
        ``shift_val``, per phase but the last the median of (end by the classifier of all other
        training clips) - (end by the label), in frames.

    Raises:
        InputError: If there is but one training clip, or nothing is to be drawn.
    """
    if len(train[0]) < 2:
        raise InputError("found one labelled training clip, expected two at least to draw from")
    if draws < 1:
        raise InputError(f"draws: found {draws}, expected one at least")
    order = np.arange(len(train[0]))
    count = max(1, int(SHARE * len(order)))
    rng = np.random.default_rng(seed)
    chosen = [order[:count], *(rng.permutation(order)[:count] for _ in range(draws))]
    first, *others = (
        phase_accuracy(fit_phase_classifier(*part(train, clips)), *val) for clips in chosen
    )
    rest = fit_phase_classifier(*part(train, order[count:]))
    return {
        "first": first,
        "random": float(np.mean(others)),
        "random_std": float(np.std(others)),
        "random_min": float(np.min(others)),
        "below": float(np.mean(np.array(others) < first)),
        "shift_first": shifts(rest, part(train, order[:count])),
        "shift_val": shifts(rest, val),
    }


def part(clips: Features, chosen: np.ndarray) -> Features:
    """The chosen ones."""
    return [clips[0][i] for i in chosen], [clips[1][i] for i in chosen]


def shifts(classifier: Any, clips: Features) -> list[float]:
    """Per phase but the last the median of predicted minus labelled end, in frames."""
    phases = np.unique(np.concatenate(clips[1]))[:-1, None]
    found = [
        (classifier.predict(embedding) <= phases).sum(1) - (labels <= phases).sum(1)
        for embedding, labels in zip(*clips, strict=True)
    ]
    return np.median(found, axis=0).tolist()


if __name__ == "__main__":
    raise SystemExit(main())
