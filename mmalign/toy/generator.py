"""Generating toy sequences and data sets of them."""

from __future__ import annotations

import zlib

import numpy as np

from mmalign.errors import InputError
from mmalign.toy.activities import get_activity
from mmalign.toy.activity import Activity
from mmalign.toy.camera import draw_camera
from mmalign.toy.detector import detect
from mmalign.toy.performer import SPLITS, Performer, make_performer
from mmalign.toy.sequence import ToySequence
from mmalign.toy.tempo import LENGTH, draw_canonical_time, phase_labels, shortest

FPS = 30.0
_SWAY_DEGREES = 1.2


def _sway(rng: np.random.Generator, num_frames: int, num_channels: int) -> np.ndarray:
    """Slow small movements, ``(T, C)``: nobody stands quite still."""
    time = np.arange(num_frames)[:, None, None]
    period = rng.uniform(20, 70, size=(3, num_channels))
    phase = rng.uniform(0, 2 * np.pi, size=(3, num_channels))
    return np.sin(2 * np.pi * time / period + phase).sum(axis=1) * _SWAY_DEGREES / np.sqrt(1.5)


def _interpolate(poses: np.ndarray, canonical_time: np.ndarray) -> np.ndarray:
    """Channel values ``(T, C)`` between key poses ``(K + 1, C)``."""
    phase = phase_labels(canonical_time, len(poses) - 1)
    share = (canonical_time - phase)[:, None]
    # Partly eased: a movement turns round within a frame or two, not in a long stand-still
    # during which nobody could say when one phase ends.
    share = 0.85 * share + 0.15 * share**2 * (3 - 2 * share)
    return poses[phase] + share * (poses[phase + 1] - poses[phase])


def generate_sequence(
    activity: str | Activity,
    performer: Performer,
    seed: int,
    *,
    length: tuple[int, int] = LENGTH,
    image_size: tuple[int, int] = (240, 320),
    noise: float = 1.0,
) -> ToySequence:
    """Generate one execution of an activity.

    Args:
        activity: name of an activity, or one of one's own.
        performer: who performs; also decides from which side the camera may look.
        seed: seed of tempo, camera and noise; the same arguments give the same bytes.
        length: smallest and largest number of frames.
        image_size: height and width of the video in pixels.
        noise: factor on detection noise and drop-outs, at least 0.

    Returns:
        The sequence.

    Raises:
        InputError: the activity is unknown, or a number is out of range.
    """
    activity = get_activity(activity) if isinstance(activity, str) else activity
    least = shortest(activity.num_phases)
    if not least <= length[0] <= length[1]:
        raise InputError(
            f"length: found {length}, expected (shortest, longest) of at least {least} frames"
            f" for the activity {activity.name!r}"
        )
    if noise < 0:
        raise InputError(f"noise: found {noise}, expected a factor of at least 0")
    name = zlib.crc32(activity.name.encode())
    split = SPLITS.index(performer.split)
    rng = np.random.default_rng((seed, split, performer.number, performer.seed, name))
    figure = activity.figure
    canonical_time = draw_canonical_time(rng, activity.shares, length)
    values = _interpolate(performer.key_poses(activity), canonical_time)
    values = values + _sway(rng, *values.shape) * figure.unit
    joints = figure.place(values, performer.proportions)
    camera = draw_camera(rng, figure, performer.split, image_size)
    pixels, depth = camera.project(joints)
    keypoints, scores = detect(rng, pixels, depth, figure.skeleton, image_size, noise)
    return ToySequence(
        keypoints=keypoints,
        scores=scores,
        frame_size=image_size,
        fps=FPS,
        skeleton=figure.skeleton,
        labels=phase_labels(canonical_time, activity.num_phases),
        activity=activity.name,
        performer=performer,
        camera=camera,
        canonical_time=canonical_time,
        joints=joints,
    )


def generate_dataset(
    activity: str | Activity,
    num_sequences: int,
    split: str = "train",
    seed: int = 0,
    *,
    num_performers: int | None = None,
    length: tuple[int, int] = LENGTH,
    image_size: tuple[int, int] = (240, 320),
    noise: float = 1.0,
) -> list[ToySequence]:
    """Generate one split of a data set of one activity.

    Args:
        activity: name of an activity, or one of one's own.
        num_sequences: number of sequences.
        split: ``train`` or ``val``; the two share no performer, body size, style or camera.
        seed: seed of everything.
        num_performers: size of the pool that takes turns; one for every two sequences if None.
        length: smallest and largest number of frames.
        image_size: height and width of the video in pixels.
        noise: factor on detection noise and drop-outs.

    Returns:
        The sequences.

    Raises:
        InputError: a name is unknown or a number is out of range.
    """
    pool = (num_sequences + 1) // 2 if num_performers is None else num_performers
    for name, value in (("num_sequences", num_sequences), ("num_performers", pool)):
        if value < 1:
            raise InputError(f"{name}: found {value}, expected at least 1")
    if seed < 0:
        raise InputError(f"seed: found {seed}, expected at least 0")
    performers = [make_performer(split, number, seed) for number in range(pool)]
    return [
        generate_sequence(
            activity,
            performers[i % pool],
            # Sequences of two data sets of different seeds differ too.
            seed * 100_003 + i,
            length=length,
            image_size=image_size,
            noise=noise,
        )
        for i in range(num_sequences)
    ]
