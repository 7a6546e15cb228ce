"""Frame embeddings of pose sequences of any length and frame rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from mmcv.transforms import Compose
from mmengine.dataset import pseudo_collate

from mmalign.apis.loading import LoadedAligner
from mmalign.errors import InputError
from mmalign.functional.pose import mirror
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence
from mmalign.skeletons import get_skeleton

_OVERLAP = 0.25
_BATCH = 8  # windows
_OF_FRAMES = ("keypoint", "keypoint_score", "keypoint_3d")


class Embedder:
    """Embeds pose sequences by a trained network.

    A sequence longer than the network's window is embedded in overlapping windows, each cropped
    to its own pose box, and blended; memory grows with the embedding alone.

    Args:
        aligner: The network.
        action: What the sequences show, for a network of several actions that has a readout for
            each; sequences of different actions are comparable without it alone.
    """

    def __init__(self, aligner: LoadedAligner, action: str = "") -> None:
        self.aligner = aligner
        self.action = action

    def __call__(
        self,
        sequence: PoseSequence,
        fps: float,
        mirrored: bool = False,
        window: int | None = None,
        video: str | None = None,
    ) -> np.ndarray:
        """Embed every frame of a sequence at a frame rate.

        Args:
            sequence: A valid sequence of the network's skeleton.
            fps: Frame rate to which it is resampled first.
            mirrored: Mirror it first, left for right.
            window: Frames of a window; the network's own when not given.
            video: Its video (or folder of images), for a network that looks at frames. A fused
                network does without them where it is None.

        Returns:
            float32 ``(S, D)``; S as in :func:`~mmalign.poses.processing.resampled_length`.

        Raises:
            InputError: If the network needs a video and there is none, or it cannot be read, or
                the network gives numbers that are not finite.
        """
        pipeline = self.aligner.pipeline_for(video is not None)
        seen = resample_sequence(sequence, fps)
        keypoints, scores = seen.keypoints, seen.scores
        if mirrored:
            flip_index = get_skeleton(seen.skeleton).flip_index
            keypoints, scores = mirror(keypoints, scores, seen.frame_size[1], flip_index)
        points = seen.keypoints3d
        if mirrored and points is not None:
            points = mirror(points, seen.scores, 1, flip_index)[0]
        whole = dict(
            keypoint=keypoints[None],
            keypoint_score=scores[None],
            **({} if points is None else {"keypoint_3d": points[None]}),
            labels=None,
            img_shape=seen.frame_size,
            fps=seen.fps,
            skeleton=seen.skeleton,
            pose_clock=(sequence.num_frames, sequence.fps),
            video=video,
            flipped=mirrored,
            sample_id="",
            split="val",
            action=self.action,
            protocol="whole",
            num_frames=len(keypoints),
            sample_idx=0,
        )
        embedding = self._windows(whole, pipeline, window or self.aligner.window)
        if not np.isfinite(embedding).all():
            raise InputError(
                f"{self.aligner.source}: gives NaN or infinite embeddings; the training diverged:"
                " use an earlier checkpoint"
            )
        return embedding

    def _windows(self, whole: dict[str, Any], pipeline: Compose, window: int) -> np.ndarray:
        total = whole["num_frames"]
        length = min(window, total)
        hop = max(1, int(length * (1 - _OVERLAP)))
        starts = [*range(0, total - length, hop), total - length]
        ramp = np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1))
        weight = np.minimum(ramp, max(1, length - hop)).astype(np.float32)[:, None]
        summed: np.ndarray | None = None
        norm = np.zeros((total, 1), dtype=np.float32)
        for first in range(0, len(starts), _BATCH):
            batch = starts[first : first + _BATCH]
            parts = self._forward([pipeline(_cut(whole, a, a + length)) for a in batch])
            if summed is None:
                summed = np.zeros((total, parts[0].shape[1]), dtype=np.float32)
            for start, part in zip(batch, parts, strict=True):
                summed[start : start + length] += weight * part
                norm[start : start + length] += weight
        assert summed is not None
        summed /= norm
        return summed

    @torch.inference_mode()
    def _forward(self, samples: list[dict]) -> list[np.ndarray]:
        batch = self.aligner.model.data_preprocessor(pseudo_collate(samples))
        found = self.aligner.model(**batch, mode="predict")
        return [sample.embedding.float().cpu().numpy() for sample in found]


def _cut(whole: dict[str, Any], a: int, e: int) -> dict[str, Any]:
    """What a pipeline starts from: frames a to e-1 of a sequence."""
    poses = {key: whole[key][:, a:e] for key in _OF_FRAMES if key in whole}
    return dict(
        whole,
        **poses,
        frame_inds=np.arange(a, e, dtype=np.float64),
        window=(a, e),
        rng=np.random.default_rng(0),
    )
