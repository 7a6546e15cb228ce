r"""Carry phases over from one labelled clip to all validation clips, and count what is right.

The labelled clips are the medoid of the training split and some others drawn at random. Each
validation clip is taken whole and cut to the window of the trimmed protocol; a frame without a
counterpart counts as wrong. Beside the embedding stand the centred and scaled raw pose, aligned in
the same ways, and the clock: the label at the same share of the clip.

Example: python tools/analysis/phase_transfer.py --data-root data/penn_action \\
             --checkpoint pushups=work_dirs/pushups/epoch_20.pth --out phase_transfer.json
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import mean, stdev

import numpy as np
from rich.console import Console
from rich.progress import track

from mmalign.apis.embedder import Embedder
from mmalign.apis.inferencer import medoid
from mmalign.apis.loading import load_aligner
from mmalign.cli.config import add_checkpoint_arguments
from mmalign.cli.guard import guarded
from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.fileio import write_json
from mmalign.functional.alignment import align_frames, frame_distances, path_positions
from mmalign.functional.dtw import dtw_paths
from mmalign.functional.floors import raw_pose
from mmalign.functional.metrics import trim_windows
from mmalign.poses.pose_file import PoseSequence

METHODS = ("subsequence", "dtw", "nearest")


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
        Per ``clips, feature, method`` the accuracy from the medoid, the mean and standard deviation
        of that from the other labelled clips, and from the medoid the share of frames that have a
        counterpart and the accuracy on those.
    """
    train, val = (labelled_clips(root, action, split) for split in ("train", "val"))
    windows = trim_windows([clip.num_frames for clip in val])
    cut = [part(clip, *window) for clip, window in zip(val, windows, strict=True)]
    features: dict[str, Callable[[PoseSequence], np.ndarray]] = {
        "embedding": lambda clip: embedder(clip, clip.fps),
        "raw pose": lambda clip: raw_pose(clip.keypoints, clip.scores),
    }
    console = Console(stderr=True)
    figures: dict[str, dict[str, float]] = {}
    for feature, compute in features.items():
        of_train = [compute(c) for c in track(train, f"{action}, {feature}", console=console)]
        chosen = [medoid(of_train)]
        rest = np.random.default_rng(seed).permutation(len(train))
        chosen += [int(i) for i in rest if i != chosen[0]][:others]
        for name, clips in (("whole", val), ("trimmed", cut)):
            found = [compute(clip) for clip in track(clips, f"{name}, {feature}", console=console)]
            for method in METHODS:
                scores = [
                    count(clips, transferred(train[i], of_train[i], found, clips[0].fps, method))
                    for i in chosen
                ]
                figures[f"{name}, {feature}, {method}"] = summary(scores)
            if feature == "embedding":
                scores = [count(clips, clock_labels(train[i], clips)) for i in chosen]
                figures[f"{name}, clock"] = summary(scores)
    return figures


def transferred(
    reference: PoseSequence, known: np.ndarray, found: list[np.ndarray], fps: float, method: str
) -> list[np.ndarray]:
    """Labels of every clip's frames, by the reference's.

    The monotone path and the nearest neighbour give every frame one; ``subsequence``, which is what
    `mmalign align` does, gives -1 to frames without a counterpart.
    """
    assert reference.labels is not None
    if method == "subsequence":
        aligned = [align_frames(known, x, fps) for x in found]
        nearest = [reference.labels[np.rint(one.positions).astype(np.intp)] for one in aligned]
        return [np.where(a.matched, x, -1) for a, x in zip(aligned, nearest, strict=True)]
    distances = [frame_distances(known, x) for x in found]
    if method == "nearest":
        return [reference.labels[each.argmin(axis=0)] for each in distances]
    places = [path_positions(path, fps)[1] for path in dtw_paths(distances)]
    return [reference.labels[np.rint(each).astype(np.intp)] for each in places]


def clock_labels(reference: PoseSequence, clips: list[PoseSequence]) -> list[np.ndarray]:
    """The label at the same share of the reference."""
    assert reference.labels is not None
    lengths = [clip.num_frames for clip in clips]
    return [reference.labels[np.arange(n) * reference.num_frames // n] for n in lengths]


def count(clips: list[PoseSequence], labels: list[np.ndarray]) -> np.ndarray:
    """Numbers ``(3,)`` of right, of labelled and of all frames."""
    truth = np.concatenate([clip.labels for clip in clips if clip.labels is not None])
    given = np.concatenate(labels)
    return np.array([(given == truth).sum(), (given >= 0).sum(), len(truth)])


def summary(scores: list[np.ndarray]) -> dict[str, float]:
    """Accuracy over all frames, from the medoid (the first) and from the others."""
    totals = np.array(scores, dtype=np.float64)
    accuracy = totals[:, 0] / totals[:, 2]
    figures = {
        "medoid": float(accuracy[0]),
        "matched": float(totals[0, 1] / totals[0, 2]),
        "on_matched": float(totals[0, 0] / max(1.0, totals[0, 1])),
    }
    if len(accuracy) > 2:
        others = accuracy[1:].tolist()
        figures |= {"others": mean(others), "others_std": stdev(others)}
    return figures


def part(clip: PoseSequence, start: int, end: int) -> PoseSequence:
    """Frames ``[start, end)`` of a clip as one of its own."""
    assert clip.labels is not None
    return PoseSequence(
        keypoints=clip.keypoints[start:end],
        scores=clip.scores[start:end],
        frame_size=clip.frame_size,
        fps=clip.fps,
        skeleton=clip.skeleton,
        labels=clip.labels[start:end],
    )


def print_figures(title: str, figures: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for key, row in figures.items():
        print(f"  {key:34}", "  ".join(f"{name} {value:.3f}" for name, value in row.items()))


if __name__ == "__main__":
    raise SystemExit(main())
