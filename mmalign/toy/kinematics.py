"""Rotations and the named channels by which the toy figures are posed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mmalign.errors import InputError

Pose = Mapping[str, float]
"""Channel values; ``elbow`` sets ``left_elbow`` and ``right_elbow``, what is unnamed is neutral."""


def rotation(axis: str, degrees: np.ndarray) -> np.ndarray:
    """Right-handed rotations about one coordinate axis.

    Args:
        axis: ``x``, ``y`` or ``z``.
        degrees: ``(T,)`` angles in degrees.

    Returns:
        ``(T, 3, 3)`` matrices for column vectors.
    """
    angle = np.deg2rad(np.asarray(degrees, dtype=np.float64))
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.tile(np.eye(3), (len(angle), 1, 1))
    matrix[:, first, first] = matrix[:, second, second] = cos
    matrix[:, first, second] = -sin
    matrix[:, second, first] = sin
    return matrix


@dataclass(frozen=True)
class Figure:
    """A posable figure: what its channels are and where they put its joints.

    Attributes:
        skeleton: name of the skeleton whose joints it has.
        channels: names of the ``C`` channels (degrees, or centimetres for positions).
        neutral: values of the channels that are not 0 at rest.
        symmetric: names of channels that keep their sign under mirroring; all without a side
            change theirs.
        place: ``(values (T, C), proportions) -> (T, K, 3)`` joints in metres, x forward, y to the
            figure's left, z up.
        height: size in metres of the part of the world it moves in.
        centre: the middle of that part, metres.
        front: azimuth in degrees from which it is usually seen (0: it faces the camera).
        elevation: lowest and highest angle in degrees from which it is seen.
        positions: last part of the names of channels that are positions in centimetres.
    """

    skeleton: str
    channels: tuple[str, ...]
    neutral: Mapping[str, float]
    symmetric: frozenset[str]
    place: Callable[[np.ndarray, Mapping[str, float]], np.ndarray]
    height: float
    centre: tuple[float, float, float]
    front: float
    elevation: tuple[float, float]
    positions: frozenset[str] = frozenset()

    @property
    def unit(self) -> np.ndarray:
        """``(C,)``: what one degree of style or sway is worth in each channel's unit."""
        return np.array([0.3 if n.split("_")[-1] in self.positions else 1.0 for n in self.channels])

    def values(self, pose: Pose) -> np.ndarray:
        """Channel values of a pose.

        Args:
            pose: values by channel name, with or without a side.

        Returns:
            ``(C,)`` float64.

        Raises:
            InputError: the pose names a channel that the figure lacks.
        """
        full = {**self.neutral, **pose}
        used: set[str] = set()
        out = np.zeros(len(self.channels))
        for i, name in enumerate(self.channels):
            for key in (name.removeprefix("left_").removeprefix("right_"), name):
                if key in full:
                    out[i] = full[key]
                    used.add(key)
        unknown = sorted(set(full) - used)
        if unknown:
            raise InputError(
                f"pose: unknown channel {unknown[0]!r} of the figure {self.skeleton!r};"
                f" it has {', '.join(self.channels)}"
            )
        return out

    def mirror(self, values: np.ndarray) -> np.ndarray:
        """Swap left and right.

        Args:
            values: ``(..., C)`` channel values.

        Returns:
            ``(..., C)`` values of the mirrored pose.
        """
        index: list[int] = []
        sign: list[float] = []
        for name in self.channels:
            side, _, rest = name.partition("_")
            other = {"left": "right", "right": "left"}.get(side)
            index.append(self.channels.index(f"{other}_{rest}") if other else len(index))
            sign.append(1.0 if other or name in self.symmetric else -1.0)
        return values[..., index] * np.array(sign)
