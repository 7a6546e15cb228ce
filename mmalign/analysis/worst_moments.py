"""The moments at which the joint angles differ most from the reference's."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from mmalign.analysis.angles import angle_differences, angle_names
from mmalign.analysis.findings import Deviation, DeviationOptions
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from mmalign.structures.alignment import AlignedPair

# Single frames' angles are as good as their joints; deviations are those of so many seconds.
_ANGLE_SECONDS = 0.2


def worst_moments(
    pair: AlignedPair,
    reference: PoseSequence,
    other: PoseSequence,
    options: DeviationOptions | None = None,
) -> list[Deviation]:
    """The moments whose joint angles differ most from the reference's, the worst first.

    Angles are smoothed by a running median over 0.2 s, and each moment names its worst joint.

    Args:
        pair: Their alignment.
        reference: Poses of the reference.
        other: Poses of the other.
        options: How many, how far apart and how large.

    Raises:
        InputError: See :func:`~mmalign.analysis.angles.angle_differences`.
    """
    options = options or DeviationOptions()
    width = round(_ANGLE_SECONDS * pair.other_fps) // 2 * 2 + 1
    differences = _running_median(angle_differences(pair, reference, other), width)
    sizes = np.nan_to_num(np.abs(differences), nan=-1.0)
    worst = sizes.max(axis=1, initial=-1.0)
    joints = angle_names(get_skeleton(reference.skeleton))
    apart = options.separation * pair.other_fps
    frames = np.arange(pair.other_frames)
    rows: list[Deviation] = []
    for _ in range(options.moments):
        frame = int(worst.argmax())
        if worst[frame] < options.degrees:
            break
        joint = int(sizes[frame].argmax())
        change = float(differences[frame, joint])
        place = float(pair.seconds[frame])
        text = (
            f"{joints[joint]} {abs(change):.0f}° {'straighter' if change > 0 else 'more bent'}"
            f" than in the reference at {place:.2f} s"
        )
        when = frame / pair.other_fps
        number = _repetition_at(pair, frame)
        rows.append(Deviation("joint angle", text, when, place, abs(change), "degrees", number))
        worst[np.abs(frames - frame) < apart] = -1.0
    return rows


def _running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Median ``(M, A)`` over an odd number of frames, of those that are known."""
    if width < 3:
        return values
    padding = np.full((width // 2, values.shape[1]), np.nan)
    padded = np.concatenate([padding, values, padding])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing is known in a window
        smooth = np.nanmedian(windows, axis=-1)
    return np.where(np.isnan(values), np.nan, smooth)


def _repetition_at(pair: AlignedPair, frame: int) -> int:
    numbers = [i for i, (start, end) in enumerate(pair.repetitions) if start <= frame < end]
    return numbers[0] if numbers else -1
