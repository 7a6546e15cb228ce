"""Temporal transforms: they change ``frame_inds`` and resample the poses to them, nothing else.

Each draws from ``results['rng']`` only. No correspondence label is computed here: it follows from
the ``frame_inds`` of the views.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmalign.datasets.transforms.camera import without_points
from mmalign.errors import check_at_least
from mmalign.functional.pose import interpolate_frames, resample_pose
from mmalign.registry import TRANSFORMS


class _Temporal(BaseTransform):
    """Resample a sequence to positions that :meth:`positions` draws.

    Required keys: ``keypoint``, ``keypoint_score``, ``frame_inds``, ``rng``; optionally ``labels``.

    Modified keys: ``keypoint``, ``keypoint_score``, ``frame_inds``, ``labels``. Removed:
    ``keypoint_3d``, which would be of other frames.
    """

    def positions(self, num_frames: int, rng: np.random.Generator) -> np.ndarray:
        """Sorted positions in ``[0, num_frames - 1]`` to keep."""
        raise NotImplementedError

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Resample every per-frame key."""
        positions = self.positions(len(results["frame_inds"]), results["rng"])
        keypoint, score = resample_pose(
            results["keypoint"][0], results["keypoint_score"][0], positions
        )
        changed = dict(
            keypoint=keypoint[None],
            keypoint_score=score[None],
            frame_inds=interpolate_frames(results["frame_inds"], positions),
        )
        if results.get("labels") is not None:
            changed["labels"] = results["labels"][np.rint(positions).astype(np.intp)]
        return without_points(dict(results, **changed))


@TRANSFORMS.register_module()
class TemporalTrim(_Temporal):
    """Keep a random contiguous window, so that position in the clip tells nothing.

    Args:
        min_ratio: shortest window as a share of the clip.
        max_ratio: longest.
        prob: probability of trimming at all.
        min_frames: windows are not made shorter than this.
    """

    def __init__(
        self, min_ratio: float = 0.4, max_ratio: float = 1.0, prob: float = 1.0, min_frames: int = 8
    ) -> None:
        if not 0 < min_ratio <= max_ratio <= 1:
            raise ValueError(
                f"need 0 < min_ratio <= max_ratio <= 1, found {min_ratio}, {max_ratio}"
            )
        self.min_ratio, self.max_ratio = min_ratio, max_ratio
        self.prob, self.min_frames = prob, min_frames

    def positions(self, num_frames: int, rng: np.random.Generator) -> np.ndarray:
        """A window of consecutive frames."""
        if rng.random() >= self.prob:
            return np.arange(num_frames)
        length = int(rng.uniform(self.min_ratio, self.max_ratio) * num_frames)
        length = min(max(self.min_frames, length), num_frames)
        start = int(rng.integers(0, num_frames - length + 1))
        return np.arange(start, start + length)


@TRANSFORMS.register_module()
class TemporalSubsample(_Temporal):
    """Keep N of the M frames at random, in order (LA2DS, Sec. 3.2, "temporal augmentation").

    Table 9's 0.5 is the largest share that is dropped: the share is drawn from U(0, max_drop), as
    in the code of CASA, which the table follows.

    Args:
        max_drop: largest share of dropped frames.
        max_frames: at most so many frames are kept; None = no limit.
        min_frames: at least so many are, where there are.
    """

    def __init__(
        self, max_drop: float = 0.5, max_frames: int | None = None, min_frames: int = 4
    ) -> None:
        if not 0 <= max_drop < 1:
            raise ValueError(f"max_drop must be in [0, 1), found {max_drop}")
        if max_frames is not None:
            check_at_least("max_frames", max_frames, 1)
        check_at_least("min_frames", min_frames, 0)
        self.max_drop, self.max_frames, self.min_frames = max_drop, max_frames, min_frames

    def positions(self, num_frames: int, rng: np.random.Generator) -> np.ndarray:
        """A sorted random subset of the frames."""
        keep = int(round(num_frames * (1 - rng.uniform(0, self.max_drop))))
        keep = min(max(keep, self.min_frames), self.max_frames or num_frames, num_frames)
        return np.sort(rng.permutation(num_frames)[:keep])


@TRANSFORMS.register_module()
class TemporalWarp(_Temporal):
    """Change the tempo smoothly: positions advance at a random, slowly varying speed.

    Args:
        max_log_speed: largest absolute logarithm of the local speed relative to the mean.
        num_knots: control points of the speed over the clip.
        min_speed: the clip is resampled to ``T / U(min_speed, max_speed)`` frames ...
        max_speed: ... so above 1 it becomes shorter.
        max_frames: at most so many frames are made; None = no limit.
        prob: probability of warping at all.
    """

    def __init__(
        self,
        max_log_speed: float = 0.7,
        num_knots: int = 5,
        min_speed: float = 1.0,
        max_speed: float = 2.0,
        max_frames: int | None = None,
        prob: float = 1.0,
    ) -> None:
        if not 0 < min_speed <= max_speed:
            raise ValueError(f"need 0 < min_speed <= max_speed, found {min_speed}, {max_speed}")
        if max_frames is not None:
            check_at_least("max_frames", max_frames, 1)
        self.max_log_speed, self.num_knots = max_log_speed, num_knots
        self.min_speed, self.max_speed = min_speed, max_speed
        self.max_frames, self.prob = max_frames, prob

    def positions(self, num_frames: int, rng: np.random.Generator) -> np.ndarray:
        """Fractional positions from the first frame to the last."""
        if rng.random() >= self.prob:
            return np.arange(num_frames)
        length = int(round(num_frames / rng.uniform(self.min_speed, self.max_speed)))
        length = max(2, min(length, self.max_frames or length))
        knots = rng.uniform(-self.max_log_speed, self.max_log_speed, self.num_knots)
        grid = np.linspace(0, self.num_knots - 1, length)
        speed = np.exp(np.interp(grid, np.arange(self.num_knots), knots))
        travelled = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)])
        return travelled / travelled[-1] * (num_frames - 1)


@TRANSFORMS.register_module()
class TemporalIdle(_Temporal):
    """Stand all but still at the ends, as who waits to begin or is done.

    The first and the last half frame are stretched, so that positions go on rising.

    Args:
        max_share: at each end the share of the sequence's length is drawn from U(0, max_share).
        prob: probability of each end to have any.
    """

    def __init__(self, max_share: float = 0.5, prob: float = 0.3) -> None:
        if max_share < 0:
            raise ValueError(f"max_share must be at least 0, found {max_share}")
        self.max_share, self.prob = max_share, prob

    def positions(self, num_frames: int, rng: np.random.Generator) -> np.ndarray:
        """All frames, and more about the ends."""
        draws = rng.random(2) < self.prob
        before, after = (draws * rng.uniform(0, self.max_share, 2) * num_frames).astype(int)
        if num_frames < 2 or not before + after:
            return np.arange(num_frames)
        start = np.linspace(0, 0.5, before, endpoint=False)
        end = num_frames - 1 - np.linspace(0, 0.5, after, endpoint=False)[::-1]
        first, last = int(before > 0), num_frames - int(after > 0)
        return np.concatenate([start, np.arange(first, last), end])
