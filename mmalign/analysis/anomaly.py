"""How far a sequence is from a set of normal ones: what is done, in which order, how fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from mmalign.errors import InputError
from mmalign.functional.alignment import frame_distances
from mmalign.functional.dtw import dtw_paths

Embedding = NDArray[np.floating]
_Aligned = tuple[NDArray[np.int64], NDArray[np.float64]]
MIN_NORMALS = 4

# Time spent at a place is compared as a logarithm; nothing at all counts as so many frames.
_LEAST_DWELL = 0.1
# Normal performers never agree better than this, in the logarithm of their tempo and as a share of
# their mean duration.
_LEAST_SPREAD = 0.1
# The spread of all places counts at each place like that of so many sequences.
_PRIOR = 10.0
_TINY = 1e-9


@dataclass(frozen=True)
class AnomalyScore:
    """How anomalous a sequence of T frames is.

    Scores are in standard deviations of the normal sequences above their mean.

    Attributes:
        distance: ``(T,)`` how unlike the normal ones it is at the places it is aligned to: other
            movements, or the usual ones in another order.
        tempo: ``(T,)`` how much longer than the normal ones it stays at those places and takes in
            all.
        threshold: From which score on the sequence is an anomaly; NaN before calibration.
    """

    distance: NDArray[np.float64]
    tempo: NDArray[np.float64]
    threshold: float

    @property
    def frames(self) -> NDArray[np.float64]:
        """``(T,)``: the larger of both parts."""
        return np.maximum(self.distance, self.tempo)

    @property
    def score(self) -> float:
        """Of the whole sequence: its worst frame's."""
        return float(self.frames.max())

    @property
    def worst_frame(self) -> int:
        """The frame with the highest score."""
        return int(self.frames.argmax())

    @property
    def is_anomaly(self) -> bool:
        """Whether the score is above the threshold."""
        return self.score > self.threshold


class AnomalyDetector:
    """Compares sequences with normal ones, all of which show one whole execution.

    A sequence is aligned by monotone DTW to every normal one. The distance along the path, averaged
    over a window, is high where something else is done, where a step is done twice and where one
    is left out; the normal sequence for which it stays lowest counts. Aligned to the medoid of the
    normal ones, the time it spends at each place is compared with theirs, and so is its whole
    duration: where everybody's tempo varies, one slow step shows best in how long it all takes.

    Args:
        normals: ``(T_i, D)`` frame embeddings of at least four normal sequences.
        fps: Frames per second of all sequences.
        window: Seconds that a deviation must last to count in full.

    Raises:
        InputError: If there are too few normal sequences.
    """

    def __init__(self, normals: Sequence[Embedding], fps: float, window: float = 0.2) -> None:
        if len(normals) < MIN_NORMALS:
            raise InputError(
                f"normal sequences: found {len(normals)}, expected at least {MIN_NORMALS}; add some"
            )
        self.normals = list(normals)
        self.window = max(1, round(window * fps))
        self.threshold = float("nan")
        aligned = [self._align(normal) for normal in self.normals]
        costs = np.array([[along.mean() for _, along in each] for each in aligned])
        self._medoid = int(costs.sum(axis=0).argmin())
        self._dwells = np.array([self._dwell(each[self._medoid][0]) for each in aligned])
        self._lengths = np.array([len(normal) for normal in normals], dtype=np.float64)
        # Each normal one against the others, as a sequence that is not among them is measured.
        parts = [self._measure(each, without=i) for i, each in enumerate(aligned)]
        worst = np.array([[part.max() for part in both] for both in parts])
        self._centre, self._scale = worst.mean(axis=0), np.maximum(worst.std(axis=0), _TINY)

    def calibrate(self, held_out: Sequence[Embedding], false_alarms: float = 0.05) -> float:
        """Choose the threshold by normal sequences that the detector has not seen.

        A further normal sequence exceeds it with at most the given probability, if it is drawn as
        the held-out ones were (split conformal prediction).

        Args:
            held_out: Embeddings of normal sequences.
            false_alarms: Accepted share of normal sequences that are taken for anomalies.

        Returns:
            The threshold.

        Raises:
            InputError: If the rate is not between 0 and 1 or there are too few sequences for it.
        """
        if not 0 < false_alarms < 1:
            raise InputError(f"false alarm rate {false_alarms}, expected one between 0 and 1")
        rank = int(np.ceil((1 - false_alarms) * (len(held_out) + 1) - 1e-9))
        if rank > len(held_out):
            needed = int(np.ceil(1 / false_alarms - 1e-9)) - 1
            raise InputError(
                f"false alarm rate {false_alarms:g}: found {len(held_out)} held-out normal"
                f" sequences, expected at least {needed}; add some or accept a higher rate"
            )
        scores = sorted(self(embedding).score for embedding in held_out)
        self.threshold = scores[rank - 1]
        return self.threshold

    def __call__(self, embedding: Embedding) -> AnomalyScore:
        """Score one sequence.

        Args:
            embedding: ``(T, D)``.
        """
        parts = self._measure(self._align(embedding))
        distance, tempo = (
            (part - centre) / scale
            for part, centre, scale in zip(parts, self._centre, self._scale, strict=True)
        )
        return AnomalyScore(distance, tempo, self.threshold)

    def _align(self, embedding: Embedding) -> list[_Aligned]:
        return _align(embedding, self.normals)

    def _measure(
        self, aligned: list[_Aligned], without: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Per frame the distance, and by how many standard deviations it takes too long."""
        candidates = [
            self._worst(path[:, 0], self._smooth(along))
            for i, (path, along) in enumerate(aligned)
            if i != without
        ]
        distance = min(candidates, key=lambda found: float(found.max()))
        path = aligned[self._medoid][0]
        others = np.arange(len(self._dwells)) != (-1 if without is None else without)
        mean, spread = _usual(self._dwells[others])
        excess = (self._dwell(path) - mean) / spread
        lengths = self._lengths[others]
        usual = lengths.mean()
        excess += (path[-1, 0] + 1 - usual) / max(lengths.std(), _LEAST_SPREAD * usual)
        return distance, self._worst(path[:, 0], excess[path[:, 1]])

    def _dwell(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """``(N,)``: logarithm of the frames spent at each of the medoid's, smoothed."""
        frames, places = path.T
        share = 1.0 / np.bincount(frames)[frames]
        spent = np.bincount(places, share)
        return np.log(np.maximum(self._smooth(spent.astype(np.float64)), _LEAST_DWELL))

    def _smooth(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return uniform_filter1d(values, self.window, mode="nearest")

    @staticmethod
    def _worst(frames: NDArray[np.int64], values: NDArray[np.floating]) -> NDArray[np.float64]:
        """``(T,)``: the largest value on a path at each frame."""
        worst = np.full(int(frames[-1]) + 1, -np.inf)
        np.maximum.at(worst, frames, values)
        return worst


def _usual(dwells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and spread ``(N,)`` of the normal sequences' dwells ``(S, N)``.

    The spread at a place is known as badly as the sequences are few: it is drawn towards that of
    all places.
    """
    variance = dwells.var(axis=0)
    drawn = len(dwells) * variance + _PRIOR * variance.mean()
    spread = np.sqrt(drawn / (len(dwells) + _PRIOR))
    return dwells.mean(axis=0), np.maximum(spread, _LEAST_SPREAD)


def dtw_costs(embedding: Embedding, normals: Sequence[Embedding]) -> NDArray[np.float64]:
    """Mean distance along the DTW path to each of several sequences.

    The smallest of them, on centred and scaled raw poses, is the baseline that needs no learning.

    Args:
        embedding: ``(T, D)``.
        normals: ``(T_i, D)``.
    """
    return np.array([along.mean() for _, along in _align(embedding, normals)])


def _align(embedding: Embedding, normals: Sequence[Embedding]) -> list[_Aligned]:
    """Per normal sequence the path ``(P, 2)`` of (frame, its frame) and the distances along it."""
    matrices = [frame_distances(embedding, normal) for normal in normals]
    return [
        (path, matrix[path[:, 0], path[:, 1]].astype(np.float64))
        for path, matrix in zip(dtw_paths(matrices), matrices, strict=True)
    ]
