"""What an alignment is: where every frame of a sequence stands in the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.poses.pose_file import PoseSequence

SAME_ACTIVITY = 0.5
"""Scores of ``same_activity`` below this count as another activity."""
SURELY_SAME = 0.84
"""Scores between the two say nothing: it may be the same activity or not."""


@dataclass
class AlignedPair:
    """One sequence of M frames against the reference of N frames.

    Frames are those of the inputs, at the inputs' own frame rates.

    Attributes:
        reference: Name of the reference.
        other: Name of the sequence that is aligned to it.
        reference_fps: Frames per second of the reference.
        other_fps: Frames per second of the other.
        reference_frames: N.
        other_frames: M.
        positions: ``(M,)`` float64: where each frame of the other stands in the reference, in
            reference frames from 0 to N - 1, fractional; NaN where it has no counterpart. Within
            one repetition they never fall.
        confidence: ``(M,)`` float64 in [0, 1]; 0 where there is no counterpart.
        path: ``(P, 2)`` int64 of (reference frame, frame of the other), neither falling: the
            matched frames of the best repetition.
        mirrored: Whether the other was mirrored, left for right, before it was aligned.
        same_activity: Score in [0, 1] that both show the same activity; see `SAME_ACTIVITY`.
        repetitions: Intervals ``[start, end)`` of frames of the other in which the reference is
            executed, in order, without overlap; empty when it is not.
        similarity: ``(N, M)`` float32 in [0, 1], 1 for equal embeddings; None when it was not
            kept (very long sequences) or the pair was read from a file.
        measures: What ``same_activity`` follows from; None when the pair was read from a file.
        reference_speed: At which speed the reference was taken to show what happened; all times
            are those of the files nevertheless.
        other_speed: At which speed the other was.
    """

    reference: str
    other: str
    reference_fps: float
    other_fps: float
    reference_frames: int
    other_frames: int
    positions: np.ndarray
    confidence: np.ndarray
    path: np.ndarray
    mirrored: bool = False
    same_activity: float = 1.0
    repetitions: list[tuple[int, int]] = field(default_factory=list)
    similarity: np.ndarray | None = None
    measures: np.ndarray | None = None
    reference_speed: PlaybackSpeed = REAL_TIME
    other_speed: PlaybackSpeed = REAL_TIME

    @property
    def verdict(self) -> str:
        """``same``, ``unclear`` or ``another`` activity, by `SAME_ACTIVITY` and `SURELY_SAME`."""
        if self.same_activity < SAME_ACTIVITY:
            return "another"
        return "unclear" if self.same_activity < SURELY_SAME else "same"

    @property
    def is_same_activity(self) -> bool:
        """Whether they are not called two activities."""
        return self.same_activity >= SAME_ACTIVITY

    @property
    def matched(self) -> np.ndarray:
        """``(M,)`` bool: which frames of the other have a counterpart."""
        return np.isfinite(self.positions)

    @property
    def other_seconds(self) -> np.ndarray:
        """``(M,)``: the time of each frame of the other, in seconds from its start."""
        return np.arange(self.other_frames) / self.other_fps

    @property
    def seconds(self) -> np.ndarray:
        """``(M,)``: ``positions`` in seconds from the start of the reference."""
        return self.positions / self.reference_fps

    @property
    def offset_seconds(self) -> float:
        """Median of ``seconds - other_seconds``: the clocks' offset where the tempo is the same.

        NaN when no frame has a counterpart.
        """
        if not self.matched.any():
            return float("nan")
        return float(np.nanmedian(self.seconds - self.other_seconds))

    @property
    def other_positions(self) -> np.ndarray:
        """``(N,)`` float64: the frame of the other, fractional, that each reference frame matches.

        The inverse of ``positions`` over the best repetition, the one ``path`` follows; NaN where
        the reference has no counterpart. It never falls.
        """
        inverse = np.full(self.reference_frames, np.nan)
        if not len(self.path):
            return inverse
        frames = np.arange(self.path[0, 1], self.path[-1, 1] + 1)
        frames = frames[self.matched[frames]]
        if not len(frames):
            return inverse
        # Frames that stand at the same place in the reference: their middle.
        places, group = np.unique(self.positions[frames], return_inverse=True)
        middles = np.bincount(group, frames) / np.bincount(group)
        wanted = np.arange(self.reference_frames)
        # Half a frame beyond the ends is still the nearest frame.
        inside = (wanted >= places[0] - 0.5) & (wanted <= places[-1] + 0.5)
        inverse[inside] = np.interp(wanted[inside], places, middles)
        return inverse

    def to_dict(self) -> dict[str, Any]:
        """Everything but ``similarity`` as plain JSON values; NaN becomes None."""
        positions = [None if np.isnan(p) else round(float(p), 4) for p in self.positions]
        seconds = [None if np.isnan(s) else round(float(s), 5) for s in self.seconds]
        return {
            "reference": self.reference,
            "other": self.other,
            "reference_fps": self.reference_fps,
            "other_fps": self.other_fps,
            "reference_frames": self.reference_frames,
            "other_frames": self.other_frames,
            "mirrored": self.mirrored,
            "reference_speed": self.reference_speed.to_list(),
            "other_speed": self.other_speed.to_list(),
            "same_activity": round(float(self.same_activity), 4),
            "is_same_activity": self.is_same_activity,
            "verdict": self.verdict,
            "repetitions": [[int(start), int(end)] for start, end in self.repetitions],
            "positions": positions,
            "seconds": seconds,
            "confidence": [round(float(c), 4) for c in self.confidence],
            "path": self.path.tolist(),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> AlignedPair:
        """Read what :meth:`to_dict` gave.

        Raises:
            InputError: If an entry is missing or of another kind.
        """
        try:
            positions = [np.nan if p is None else float(p) for p in content["positions"]]
            pair = cls(
                reference=str(content["reference"]),
                other=str(content["other"]),
                reference_fps=float(content["reference_fps"]),
                other_fps=float(content["other_fps"]),
                reference_frames=int(content["reference_frames"]),
                other_frames=int(content["other_frames"]),
                positions=np.array(positions, dtype=np.float64),
                confidence=np.array(content["confidence"], dtype=np.float64),
                path=np.array(content["path"], dtype=np.int64).reshape(-1, 2),
                mirrored=bool(content["mirrored"]),
                same_activity=float(content["same_activity"]),
                repetitions=[(int(start), int(end)) for start, end in content["repetitions"]],
                reference_speed=_speed(content, "reference_speed"),
                other_speed=_speed(content, "other_speed"),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"alignment: a pair's entry is missing or bad ({type(error).__name__}: {error});"
                " expected what `mmalign align` writes; run it again"
            ) from error
        if not len(pair.positions) == len(pair.confidence) == pair.other_frames:
            raise InputError(
                f"alignment: {len(pair.positions)} positions and {len(pair.confidence)} confidences"
                f" for {pair.other_frames} frames, expected one each; run `mmalign align` again"
            )
        return pair


def _speed(content: Mapping[str, Any], key: str) -> PlaybackSpeed:
    """A speed; files of before speeds were told have none."""
    return PlaybackSpeed.from_list(content[key]) if key in content else REAL_TIME


@dataclass
class AlignedSequence:
    """One of the inputs.

    Attributes:
        name: What the report calls it; the file's name without its suffix.
        poses: Its poses, as they were read.
        embedding: ``(T, D)`` float32 frame embeddings of its frames (not mirrored), or None.
        video: Path of the video, where there is one, else None.
    """

    name: str
    poses: PoseSequence
    embedding: np.ndarray | None = None
    video: str | None = None


@dataclass
class AlignmentResult:
    """One reference and the sequences aligned to it.

    Attributes:
        reference: The reference.
        others: The other inputs, in the order given.
        pairs: Per sequence of ``others`` its alignment.
        method: How frames were matched: ``soft``, ``nearest``, ``dtw`` or ``subsequence``; or
            ``offset``, by :func:`~mmalign.apis.synchronize`.
    """

    reference: AlignedSequence
    others: list[AlignedSequence]
    pairs: list[AlignedPair]
    method: str = "subsequence"

    def to_dict(self) -> dict[str, Any]:
        """The alignments as plain JSON values: what ``alignment.json`` holds."""
        return {
            "reference": self.reference.name,
            "method": self.method,
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


@dataclass
class Offset:
    """The offset between the clocks of two cameras.

    Attributes:
        seconds: What is added to the other's time to have the reference's.
        correlation: How alike the joints move at that offset, from 0 to 1.
        misfit: How far joints are off the epipolar lines of the other camera, a robust standard
            deviation as a share of the spread of all positions.
        tried: ``(L,)`` offsets that were tried, in seconds.
        correlations: ``(L,)``, of each.
    """

    seconds: float
    correlation: float
    misfit: float
    tried: NDArray[np.float64]
    correlations: NDArray[np.float64]
