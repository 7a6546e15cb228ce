"""Corruptions of poses, to measure robustness (LA2DS, Tables 3 and 4); not augmentations.

What happens to a frame of a clip depends on the corruption's seed, the clip's id and the frame's
number, and on nothing else: neither on the epoch, the order or the worker, nor on whether the frame
is met in the whole clip, in a window of it or in one of two views. The corrupted clips are thus one
fixed data set. A larger probability or deviation with the same seed goes further the same way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmalign.errors import InputError
from mmalign.functional.pose import interpolate_frames
from mmalign.registry import TRANSFORMS
from mmalign.skeletons import get_skeleton


class Corruption(BaseTransform):
    """Replace the poses of the clips of a split by :meth:`corrupt`'s.

    Required keys: ``keypoint``, ``keypoint_score``, ``frame_inds``, ``skeleton``, ``sample_id``,
    ``split``, ``num_frames``.

    Modified keys: ``keypoint``, ``keypoint_score``.

    Args:
        level: how strong it is.
        seed: of all that is random.
        split: corrupt the clips of this split only, ``train`` or ``val``; None for both.
    """

    def __init__(self, level: float, seed: int, split: str | None) -> None:
        if split not in (None, "train", "val"):
            raise InputError(
                f"{type(self).__name__}: split is {split!r}, expected 'train', 'val' or None"
            )
        self.level, self.seed, self.split = level, seed, split

    def corrupt(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """New ``(T, K, 2)`` and ``(T, K)``; the inputs are not changed."""
        raise NotImplementedError

    def generator(self, results: dict[str, Any]) -> np.random.Generator:
        """The clip's own source of randomness, the same at every call."""
        name = f"{type(self).__name__}/{results['sample_id']}"
        return np.random.default_rng([self.seed, *name.encode()])

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replace ``keypoint`` and ``keypoint_score``."""
        if self.split not in (None, results["split"]):
            return results
        keypoints, scores = self.corrupt(
            results["keypoint"][0], results["keypoint_score"][0], results
        )
        return dict(results, keypoint=keypoints[None], keypoint_score=scores[None])

    def describe(self) -> dict[str, Any]:
        """What ``metrics.json`` says of it."""
        return {
            "type": type(self).__name__,
            "level": self.level,
            "seed": self.seed,
            "split": self.split or "both",
        }


@TRANSFORMS.register_module()
class MissingLimb(Corruption):
    """In some frames one random limb group is absent (Table 3): a finger, an arm or a leg.

    Its scores become 0 and its coordinates NaN. It comes before cropping and before anything that
    resamples time, so that the box and all that follows see only what is left.

    Args:
        prob: probability per frame, in [0, 1] (the paper's p).
        seed: of what goes missing.
        split: see :class:`Corruption`.
    """

    def __init__(self, prob: float, seed: int = 0, split: str | None = None) -> None:
        if not 0 <= prob <= 1:
            raise InputError(f"MissingLimb: prob is {prob}, expected 0 to 1")
        super().__init__(prob, seed, split)

    def corrupt(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw for every frame of the whole clip; apply to those that are here."""
        skeleton = get_skeleton(results["skeleton"])
        if not skeleton.limb_groups:
            raise InputError(
                f"MissingLimb: skeleton {skeleton.name!r} has no limb groups that could go missing;"
                " add limb_groups to it"
            )
        groups = np.zeros((len(skeleton.limb_groups), skeleton.num_joints), dtype=bool)
        for group, joints in zip(groups, skeleton.limb_groups.values(), strict=True):
            group[list(joints)] = True
        rng = self.generator(results)
        hit = rng.random(results["num_frames"]) < self.level
        missing = groups[rng.integers(len(groups), size=len(hit))] & hit[:, None]
        missing = missing[np.rint(results["frame_inds"]).astype(np.intp)]
        return (
            np.where(missing[..., None], np.float32(np.nan), keypoints),
            np.where(missing, np.float32(0), scores),
        )


@TRANSFORMS.register_module()
class NoisyKeypoints(Corruption):
    """Gaussian noise on every joint of every frame (Table 4).

    It comes after :class:`~mmalign.datasets.transforms.CropToPoseBox`: its unit is the heatmap
    pixel. Where time was resampled between frames, so is the noise.

    Args:
        std: standard deviation in heatmap pixels, at least 0.
        seed: of the noise.
        split: see :class:`Corruption`.
    """

    def __init__(self, std: float, seed: int = 0, split: str | None = None) -> None:
        if not 0 <= std < np.inf:
            raise InputError(f"NoisyKeypoints: std is {std}, expected a number from 0 upwards")
        super().__init__(std, seed, split)

    def corrupt(
        self, keypoints: np.ndarray, scores: np.ndarray, results: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw for every frame of the whole clip; add to those that are here."""
        shape = (results["num_frames"], *keypoints.shape[1:])
        noise = self.level * self.generator(results).standard_normal(shape)
        noise = interpolate_frames(noise, results["frame_inds"])
        return (keypoints + noise).astype(keypoints.dtype), scores
