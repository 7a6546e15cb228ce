"""A clip before its pipeline, of which any part can be given to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

# The axis of the frames, of whatever has one.
_FRAMES = {"keypoint": 1, "keypoint_score": 1, "keypoint_3d": 1, "frame_inds": 0, "labels": 0}


@dataclass(frozen=True)
class RawClip:
    """A clip and the pipeline that packs it.

    Attributes:
        results: What the pipeline starts from, see :class:`~mmalign.datasets.PoseSequenceDataset`.
        pipeline: The transforms of a whole clip, packing included.
    """

    results: Mapping[str, Any]
    pipeline: Callable[[dict[str, Any]], Any]

    def __len__(self) -> int:
        """Number of frames T."""
        return len(self.results["frame_inds"])

    def part(self, start: int, end: int) -> dict[str, Any]:
        """Pack frames ``start`` to ``end - 1`` as if they were the whole clip.

        What the pipeline does to a clip, such as the crop to its box, it does to these frames
        alone; what it draws at random is the same for every part.
        """
        part: dict[str, Any] = dict(self.results)
        for key, axis in _FRAMES.items():
            if part.get(key) is not None:
                part[key] = part[key][(slice(None),) * axis + (slice(start, end),)].copy()
        first = self.results["window"][0]
        part["window"] = (first + start, first + end)
        part["rng"] = deepcopy(self.results["rng"])
        packed: dict[str, Any] = self.pipeline(part)
        return packed
