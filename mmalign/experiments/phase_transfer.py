"""Phases carried over from one labelled clip to others: the share of frames that get the right one.

A frame without a counterpart counts as wrong. What embeds a clip is any function, so that networks,
raw poses and both side by side are scored alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.functional.alignment import align_frames, frame_distances, path_positions
from mmalign.functional.dtw import dtw_paths
from mmalign.functional.floors import raw_pose
from mmalign.functional.medoid import medoid
from mmalign.functional.metrics import trim_windows
from mmalign.functional.pose import resample_pose
from mmalign.poses.pose_file import PoseSequence

METHODS = ("open", "subsequence", "dtw", "nearest")
FIXED_LENGTH = 64
"""Frames to which :func:`fixed_length_labels` brings every clip."""

Embed = Callable[[PoseSequence], np.ndarray]
"""Gives the features ``(T, D)`` of the frames of a clip."""


def whole_and_trimmed(
    root: str | Path, action: str, split: str = "val"
) -> dict[str, list[PoseSequence]]:
    """The labelled clips of a split as they are, and cut to the windows of the trimmed protocol.

    Args:
        root: Folder of a prepared data set.
        action: Its name in the index.
        split: ``train`` or ``val``.

    Returns:
        Two lists in annotation order, ``whole`` and ``trimmed``.

    Raises:
        InputError: If there is none, or one cannot be read.
    """
    clips = labelled_clips(root, action, split)
    windows = trim_windows([clip.num_frames for clip in clips])
    cut = [part(clip, *window) for clip, window in zip(clips, windows, strict=True)]
    return {"whole": clips, "trimmed": cut}


def transfer_figures(
    train: Sequence[PoseSequence],
    clips: Mapping[str, Sequence[PoseSequence]],
    embed: Embed,
    methods: Sequence[str] = METHODS,
    others: Sequence[int] = (),
    most: int | None = None,
) -> tuple[dict[str, dict[str, float]], list[int]]:
    """Accuracies of the phases that labelled clips give to others.

    Args:
        train: Labelled clips, of which the medoid under ``embed`` is the first reference.
        clips: Labelled clips to carry phases over to, by a name such as ``trimmed``.
        embed: What the clips are aligned by.
        methods: Of :data:`METHODS`.
        others: Further references, as indices of ``train``; the medoid is left out.
        most: As many of those at most; None for all.

    Returns:
        Per ``NAME, METHOD`` what :func:`summary` says; and the references, as indices of ``train``.
    """
    of_train = [embed(clip) for clip in train]
    first = medoid(of_train)
    chosen = [first, *[i for i in others if i != first][:most]]
    figures = {}
    for name, some in clips.items():
        found = [embed(clip) for clip in some]
        for method in methods:
            figures[f"{name}, {method}"] = summary(
                [
                    count(some, transferred(train[i], of_train[i], found, some[0].fps, method))
                    for i in chosen
                ]
            )
    return figures, chosen


def floor_figures(
    train: Sequence[PoseSequence],
    clips: Mapping[str, Sequence[PoseSequence]],
    chosen: Sequence[int],
) -> dict[str, dict[str, float]]:
    """The same of what embeds nothing: the clock, and DTW on poses of a fixed number of frames.

    Args:
        train: As of :func:`transfer_figures`.
        clips: Likewise.
        chosen: The references, as indices of ``train``.
    """
    ways = {"clock": clock_labels, "fixed length, dtw": fixed_length_labels}
    return {
        f"{name}, {way}": summary([count(some, give(train[i], some)) for i in chosen])
        for name, some in clips.items()
        for way, give in ways.items()
    }


def transferred(
    reference: PoseSequence,
    known: np.ndarray,
    found: Sequence[np.ndarray],
    fps: float,
    method: str,
) -> list[np.ndarray]:
    """Labels of every clip's frames, by the reference's.

    The path from end to end and the nearest neighbour give every frame one; ``open`` and
    ``subsequence``, which do what `mmalign align` does, give -1 to frames without a counterpart.

    Args:
        reference: A labelled clip.
        known: Its features ``(N, D)``.
        found: Per clip its features ``(T, D)``.
        fps: Frames per second of all.
        method: Of :data:`METHODS`.
    """
    assert reference.labels is not None
    if method in ("open", "subsequence"):
        aligned = [align_frames(known, x, fps, method) for x in found]
        nearest = [reference.labels[np.rint(one.positions).astype(np.intp)] for one in aligned]
        return [np.where(a.matched, x, -1) for a, x in zip(aligned, nearest, strict=True)]
    distances = [frame_distances(known, x) for x in found]
    if method == "nearest":
        return [reference.labels[each.argmin(axis=0)] for each in distances]
    places = [path_positions(path, fps)[1] for path in dtw_paths(distances)]
    return [reference.labels[np.rint(each).astype(np.intp)] for each in places]


def clock_labels(reference: PoseSequence, clips: Sequence[PoseSequence]) -> list[np.ndarray]:
    """The label at the same share of the reference."""
    assert reference.labels is not None
    lengths = [clip.num_frames for clip in clips]
    return [reference.labels[np.arange(n) * reference.num_frames // n] for n in lengths]


def fixed_length_labels(reference: PoseSequence, clips: Sequence[PoseSequence]) -> list[np.ndarray]:
    """Labels by DTW on raw poses after bringing every clip to :data:`FIXED_LENGTH` frames.

    A frame gets the label of the frame of the reference that the nearest resampled frames stand
    for.
    """
    assert reference.labels is not None
    known, *found = (raw_pose(*_fixed_length(clip)) for clip in (reference, *clips))
    fps = reference.fps * FIXED_LENGTH / reference.num_frames
    given = []
    for clip, path in zip(
        clips, dtw_paths([frame_distances(known, x) for x in found]), strict=True
    ):
        places = np.interp(
            np.linspace(0, FIXED_LENGTH - 1, clip.num_frames),
            np.arange(FIXED_LENGTH),
            path_positions(path, fps)[1],
        )
        share = places / (FIXED_LENGTH - 1) * (reference.num_frames - 1)
        given.append(reference.labels[np.rint(share).astype(np.intp)])
    return given


def _fixed_length(clip: PoseSequence) -> tuple[np.ndarray, np.ndarray]:
    where = np.linspace(0, clip.num_frames - 1, FIXED_LENGTH)
    return resample_pose(clip.keypoints, clip.scores, where)


def count(clips: Sequence[PoseSequence], labels: Sequence[np.ndarray]) -> np.ndarray:
    """Numbers ``(3,)`` of right, of labelled and of all frames."""
    truth = np.concatenate([clip.labels for clip in clips if clip.labels is not None])
    given = np.concatenate(labels)
    return np.array([(given == truth).sum(), (given >= 0).sum(), len(truth)])


def summary(scores: Sequence[np.ndarray]) -> dict[str, float]:
    """What :func:`count` gave, as shares.

    Returns:
        ``medoid``: the accuracy from the first reference; ``matched`` and ``on_matched``: from it,
        the share of frames that have a counterpart and the accuracy on those; with two or more
        references besides, ``others``, ``others_std`` and ``others_tenth``: mean, standard
        deviation and 10th percentile of their accuracies.
    """
    totals = np.array(scores, dtype=np.float64)
    accuracy = totals[:, 0] / totals[:, 2]
    figures = {
        "medoid": float(accuracy[0]),
        "matched": float(totals[0, 1] / totals[0, 2]),
        "on_matched": float(totals[0, 0] / max(1.0, totals[0, 1])),
    }
    if len(accuracy) > 2:
        others = accuracy[1:].tolist()
        figures |= {
            "others": mean(others),
            "others_std": stdev(others),
            "others_tenth": float(np.percentile(others, 10)),
        }
    return figures


def part(clip: PoseSequence, start: int, end: int) -> PoseSequence:
    """Frames ``[start, end)`` of a labelled clip as one of its own."""
    assert clip.labels is not None
    return replace(
        clip,
        keypoints=clip.keypoints[start:end],
        scores=clip.scores[start:end],
        labels=clip.labels[start:end],
        keypoints3d=None,
    )
