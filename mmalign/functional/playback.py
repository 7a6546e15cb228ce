"""At which speed a video shows what happened: slow motion, fast-forward, and ramps between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# Speeds that differ by less are said as one.
_ALIKE = 1.7


@dataclass(frozen=True)
class PlaybackSpeed:
    """The speed of a video over its own time, constant in pieces.

    A speed of 0.25 shows a quarter of the real speed: slow motion of four times. Real seconds are
    those that passed in front of the camera, the seconds of the file those of its player; both are
    0 at the first frame.

    Attributes:
        starts: Seconds of the file from which on each speed holds, rising, the first 0.
        speeds: As many speeds, above 0.

    Raises:
        ValueError: If they are not so.
    """

    starts: tuple[float, ...] = (0.0,)
    speeds: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        """Check the pieces."""
        starts, speeds = np.asarray(self.starts), np.asarray(self.speeds)
        if not (
            len(starts) == len(speeds) > 0
            and np.isfinite(starts).all()
            and np.isfinite(speeds).all()
            and starts[0] == 0
            and (np.diff(starts) > 0).all()
            and (speeds > 0).all()
        ):
            raise ValueError(
                f"expected rising starts from 0 and as many speeds above 0, found {self.starts},"
                f" {self.speeds}"
            )

    @property
    def is_real_time(self) -> bool:
        """Whether the file shows all at real speed."""
        return all(speed == 1 for speed in self.speeds)

    def at(self, seconds: ArrayLike) -> Array:
        """The speed at times of the file."""
        return np.asarray(self.speeds)[_piece(np.asarray(self.starts), np.asarray(seconds))]

    def real_seconds(self, seconds: ArrayLike) -> Array:
        """Real times of times of the file; the first and the last piece go on beyond it."""
        return _along(self.starts, self._real_starts, self.speeds, seconds)

    def file_seconds(self, seconds: ArrayLike) -> Array:
        """Times of the file of real times: the inverse of :meth:`real_seconds`."""
        return _along(self._real_starts, self.starts, 1 / np.asarray(self.speeds), seconds)

    @property
    def _real_starts(self) -> Array:
        return np.append(0.0, np.cumsum(np.diff(self.starts) * self.speeds[:-1]))

    def describe(self, seconds: float) -> str:
        """The speed in a few words: ``runs about 7x slower``; empty for real time.

        Args:
            seconds: How long the file lasts.
        """
        if self.is_real_time:
            return ""
        slowest, fastest = min(self.speeds), max(self.speeds)
        if fastest < _ALIKE * slowest:
            lasting = np.diff(self.starts, append=max(seconds, self.starts[-1]))
            mean = float(np.exp(np.average(np.log(self.speeds), weights=lasting + 1e-9)))
            return f"runs about {_times(mean)}"
        parts = [f"{_times(speed)} from {start:.1f} s" for start, speed in self.to_list()]
        return f"runs about {', '.join(parts)}"

    def to_list(self) -> list[list[float]]:
        """Plain JSON values: of each piece where it starts and its speed."""
        return [[round(a, 4), round(v, 6)] for a, v in zip(self.starts, self.speeds, strict=True)]

    @classmethod
    def from_list(cls, pieces: Iterable[Iterable[float]]) -> PlaybackSpeed:
        """Read what :meth:`to_list` gave.

        Raises:
            ValueError: If it is nothing of the kind.
        """
        found = [(float(start), float(speed)) for start, speed in pieces]
        return cls(tuple(start for start, _ in found), tuple(speed for _, speed in found))


REAL_TIME = PlaybackSpeed()


def _times(speed: float) -> str:
    if speed == 1:
        return "in real time"
    factor = max(speed, 1 / speed)
    return f"{factor:.{0 if factor >= 3 else 1}f}x {'faster' if speed > 1 else 'slower'}"


def _piece(starts: Array, seconds: Array) -> NDArray[np.intp]:
    return np.maximum(np.searchsorted(starts, seconds, side="right") - 1, 0)


def _along(starts: ArrayLike, values: ArrayLike, slopes: ArrayLike, at: ArrayLike) -> Array:
    """A piecewise linear function of value and slope at the start of every piece."""
    starts, values, slopes, at = (
        np.asarray(x, dtype=np.float64) for x in (starts, values, slopes, at)
    )
    piece = _piece(starts, at)
    return values[piece] + (at - starts[piece]) * slopes[piece]
