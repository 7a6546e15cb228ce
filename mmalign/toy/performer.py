"""Performers: body, style, tempo and handedness, with nothing shared between the splits."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmalign.errors import InputError
from mmalign.toy.activity import Activity

SPLITS = ("train", "val")
STATURE = (1.50, 1.98)
AMPLITUDE = (0.82, 1.12)
_STYLE_DEGREES = 6.0
_PROPORTIONS = ("torso", "arm", "leg", "width", "head", "palm", "finger")


def banded(
    rng: np.random.Generator, low: float, high: float, split: str, num_bands: int = 8
) -> float:
    """Draw from the half of a range that belongs to a split.

    The range is cut into equal bands that belong to training and validation in turn, so that a
    validation value lies between training values and yet never occurs among them.

    Args:
        rng: source of randomness.
        low: lower end of the range.
        high: upper end of the range.
        split: ``train`` or ``val``.
        num_bands: number of bands, even.

    Returns:
        The value.
    """
    band = 2 * int(rng.integers(num_bands // 2)) + SPLITS.index(split)
    return float(low + (high - low) * (band + rng.uniform()) / num_bands)


@dataclass(frozen=True)
class Performer:
    """Who performs.

    Attributes:
        number: number in the pool of its split.
        split: ``train`` or ``val``.
        seed: seed of the pool.
        proportions: ``stature`` in metres and factors round 1 for parts of the body.
        amplitude: factor on how far key poses are from the neutral one.
        mirrored: left and right change places.
    """

    number: int
    split: str
    seed: int
    proportions: Mapping[str, float]
    amplitude: float
    mirrored: bool

    def key_poses(self, activity: Activity) -> np.ndarray:
        """Key poses of an activity in this performer's style.

        Args:
            activity: what is performed.

        Returns:
            ``(K + 1, C)`` channel values.
        """
        figure = activity.figure
        key = (self.seed, SPLITS.index(self.split), self.number, zlib.crc32(activity.name.encode()))
        rng = np.random.default_rng(key)
        neutral = figure.values({})
        poses = np.stack([figure.values(pose) for pose in activity.poses])
        # A habit that shows all the time, and one for each key pose.
        habit = rng.normal(size=neutral.shape) + rng.normal(size=poses.shape)
        poses = neutral + self.amplitude * (poses - neutral)
        poses = poses + habit * figure.unit * _STYLE_DEGREES / np.sqrt(2)
        for k, (before, pose) in enumerate(itertools.pairwise(activity.poses)):
            if pose == before:  # who keeps still keeps the habit too
                poses[k + 1] = poses[k]
        return figure.mirror(poses) if self.mirrored else poses


def make_performer(split: str, number: int, seed: int = 0) -> Performer:
    """Draw a performer of a split's pool.

    Args:
        split: ``train`` or ``val``; the two differ in stature and amplitude whatever the seed.
        number: number in the pool, from 0.
        seed: seed of the pool.

    Returns:
        The performer.

    Raises:
        InputError: the split is unknown.
    """
    if split not in SPLITS:
        raise InputError(f"split: found {split!r}, expected one of {', '.join(SPLITS)}")
    rng = np.random.default_rng((seed, SPLITS.index(split), number))
    proportions = {name: float(rng.uniform(0.93, 1.07)) for name in _PROPORTIONS}
    proportions["stature"] = banded(rng, *STATURE, split)
    return Performer(
        number=number,
        split=split,
        seed=seed,
        proportions=proportions,
        amplitude=banded(rng, *AMPLITUDE, split),
        mirrored=bool(rng.random() < 0.5),
    )
