"""Frames of a clip at the times of its poses, and changes of their colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmalign.datasets.frames import (
    MATCHING,
    ReadingOptions,
    frame_clip,
    matching_frames,
    prepare_frames,
)
from mmalign.errors import InputError
from mmalign.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadFrames(BaseTransform):
    """Add the frames that belong to a view's ``frame_inds``.

    It comes after the temporal transforms and after ``PoseFlip``, whose flip it repeats. Sources
    that are files are read once and kept on disk, resized; see
    :func:`~mmalign.datasets.frames.cache.frame_clip`.

    Required keys: ``frame_inds``, ``fps``, ``sample_id``, and the modality's source (``video``, or
    ``depth`` for depth) and ``pose_clock`` as :class:`~mmalign.datasets.PoseSequenceDataset` gives
    them; in place of ``pose_clock``, ``num_frames`` of poses that were not resampled. Optional:
    ``video_start``, ``flipped``.

    Added keys: ``(T, S, S, C)`` under the modality's name, of the channels, type and unit that the
    table of :mod:`~mmalign.structures.modalities` has. Frames are letterboxed with zeros.

    Args:
        modality: one of :data:`~mmalign.structures.modalities.FRAMES`: ``rgb``, ``flow``, ...
        size: side S of the frames in pixels.
        match: how frames are found, see :func:`~mmalign.datasets.frames.matching.matching_frames`.
        cache_dir: folder of the cache; ``$MMALIGN_CACHE/frames`` if None, by default
            ``~/.cache/mmalign/frames``.
        decoder: ignored, with a warning: there is one decoder for all videos.
        depth_unit: metres per step of depth images.

    Raises:
        InputError: an argument or a source cannot be used.
    """

    def __init__(
        self,
        modality: str = "rgb",
        size: int = 224,
        match: str = "auto",
        cache_dir: str | None = None,
        decoder: str | None = None,
        depth_unit: float = 0.001,
    ) -> None:
        self.options = ReadingOptions(modality, size, decoder, depth_unit)
        if match not in MATCHING:
            raise InputError(
                f"LoadFrames: match is {match!r}, expected one of {', '.join(MATCHING)}"
            )
        self.match, self.cache_dir = match, cache_dir

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add the frames."""
        modality, made = self.options.modality, self.options.made
        key = made.source
        source = results.get(key)
        clock = results.get("pose_clock") or (results["num_frames"], results["fps"])
        where = f"sequence {results['sample_id']!r}"
        if source is None:
            raise InputError(
                f"{where}: has no {key}, which LoadFrames(modality={modality!r}) needs; name it in"
                f" index.json, or for all sequences by the data set's {key}='frames/{{id}}'"
            )
        if isinstance(source, np.ndarray):
            every, times = source, np.arange(len(source)) / clock[1]
        else:
            where = f"{where}, {source}"
            clip = frame_clip(source, self.options, self.cache_dir)
            every, times = clip.frames, clip.times
        positions = results["frame_inds"] * (clock[1] / results["fps"])
        start = results.get("video_start", 0)
        found = matching_frames(positions, clock, times, start, self.match, where)
        if every is not source:
            frames = np.asarray(every[found])
        elif made.from_next:
            frames = np.stack(list(prepare_frames(source, self.options)))[found]
        else:
            frames = np.stack(list(prepare_frames(source[found], self.options)))
        if results.get("flipped", False):
            frames = made.mirror(frames)
        return dict(results, **{modality: frames})


@TRANSFORMS.register_module()
class FrameColour(BaseTransform):
    """Change brightness and contrast of a clip's RGB frames, all in the same way.

    Required keys: ``rgb``, ``rng``.

    Modified keys: ``rgb``.

    Args:
        prob: probability per clip.
        brightness: largest shift, as a share of the range of values.
        contrast: the factor is drawn from ``[1 - contrast, 1 + contrast]``, about mid-grey.

    Raises:
        InputError: an argument is out of range.
    """

    def __init__(self, prob: float = 0.5, brightness: float = 0.2, contrast: float = 0.3) -> None:
        for name, value in (("prob", prob), ("brightness", brightness), ("contrast", contrast)):
            if not 0 <= value <= 1:
                raise InputError(f"FrameColour: {name} is {value}, expected a number from 0 to 1")
        self.prob, self.brightness, self.contrast = prob, brightness, contrast

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Change ``rgb``."""
        rng = results["rng"]
        if rng.random() >= self.prob:
            return results
        shift = 255 * rng.uniform(-self.brightness, self.brightness)
        factor = 1 + rng.uniform(-self.contrast, self.contrast)
        table = (np.arange(256) - 127.5) * factor + 127.5 + shift
        return dict(results, rgb=np.rint(table).clip(0, 255).astype(np.uint8)[results["rgb"]])
