"""Batching: packed frames, masks and, where the config says so, rendering on the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from mmalign.errors import InputError
from mmalign.functional.heatmap import num_heatmap_channels, pose_heatmaps
from mmalign.registry import MODELS
from mmalign.skeletons import get_skeleton
from mmalign.structures import AlignmentDataSample
from mmalign.structures.modalities import JOINTS


@dataclass
class ViewBatch:
    """One view of every sequence of a batch.

    Attributes:
        frames: per modality the real frames of all sequences one after the other,
            ``(N, C, H, W)``. Heatmaps are rendered; frames of the video are as the pipeline packed
            them (RGB in bytes): encoders normalise them, some at a time.
        mask: ``(B, T)``, true on real frames; N of them.
        frame_inds: ``(B, T)`` float, 0 where padded.
        fps: ``(B,)`` float, frames per second that ``frame_inds`` count; None if a sample does not
            say.
    """

    frames: dict[str, Tensor]
    mask: Tensor
    frame_inds: Tensor
    fps: Tensor | None = None


@MODELS.register_module()
class AlignmentDataPreprocessor(BaseDataPreprocessor):
    """Pack the frames of a batch and render pose heatmaps on the model's device.

    Args:
        skeleton: name of the skeleton, whose limbs are drawn.
        heatmap: ``'joint'``, ``'limb'`` or ``'joint+limb'``; None = none are drawn.
        sigma: standard deviation of the Gaussians in heatmap pixels.
        size: side of the maps.
        joints: give the joints themselves besides, as the modality ``joints``: see
            :class:`CoordinateDataPreprocessor`.
        non_blocking: of the copies to the device.
    """

    def __init__(
        self,
        skeleton: str,
        heatmap: str | None = "joint+limb",
        sigma: float = 0.6,
        size: int = 30,
        joints: bool = False,
        non_blocking: bool = False,
    ) -> None:
        super().__init__(non_blocking)
        self.skeleton = get_skeleton(skeleton)
        self.heatmap, self.sigma, self.size, self.joints = heatmap, sigma, size, joints

    @property
    def encoder_args(self) -> dict[str, Any]:
        """What an encoder must know of the frames: channels and side of the heatmaps.

        Raises:
            ValueError: none are drawn.
        """
        if self.heatmap is None:
            raise ValueError("an encoder of heatmaps needs data_preprocessor=dict(heatmap=...)")
        limbs, joints = self.skeleton.num_limbs, self.skeleton.num_joints
        channels = num_heatmap_channels(joints, limbs, self.heatmap)
        return dict(in_channels=channels, image_size=self.size)

    @property
    def joint_args(self) -> dict[str, Any]:
        """What an encoder of coordinates must know of the joints."""
        return dict(skeleton=self.skeleton.name, in_channels=3)

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Turn collated samples into :class:`ViewBatch` per view.

        Args:
            data: ``inputs``: per modality a list over views of lists over samples; and
                ``data_samples``.
            training: not used: augmentation is the pipeline's.
        """
        data = self.cast_data(data)
        samples = data["data_samples"]
        inputs = data["inputs"]
        views = []
        for view in range(len(next(iter(inputs.values())))):
            packed = {name: torch.cat(list(clips[view])) for name, clips in inputs.items()}
            self._check_joints(packed.get("pose"))
            frames = {
                name: self._render(name, part)
                for name, part in packed.items()
                if name != "pose" or self.heatmap is not None
            }
            if self.joints and "pose" in packed:
                frames[JOINTS] = _coordinates(packed["pose"], self.size, 2)
            inds = [sample.frame_inds[view] for sample in samples]
            mask = pad_sequence([torch.ones_like(i, dtype=torch.bool) for i in inds], True)
            views.append(ViewBatch(frames, mask, pad_sequence(inds, True), _fps(samples, inds[0])))
        return dict(inputs=views, data_samples=samples)

    def _check_joints(self, poses: Tensor | None) -> None:
        if poses is not None and poses.ndim == 3 and poses.shape[1] != self.skeleton.num_joints:
            raise InputError(
                f"poses have {poses.shape[1]} joints, the network's skeleton {self.skeleton.name!r}"
                f" has {self.skeleton.num_joints}; set model.data_preprocessor.skeleton to the"
                " data's"
            )

    def _render(self, modality: str, frames: Tensor) -> Tensor:
        if modality != "pose" or frames.ndim == 4:
            return frames
        assert self.heatmap is not None
        _check_dims(frames, 2)
        size = (self.size, self.size)
        xy, score = frames[..., :2], frames[..., 2]
        return pose_heatmaps(xy, score, self.skeleton.limbs, size, self.sigma, self.heatmap)


@MODELS.register_module()
class CoordinateDataPreprocessor(AlignmentDataPreprocessor):
    """Pack the joints themselves, for encoders of coordinates (CASA).

    Frames are ``(N, K, D + 1)``: places in the box, of which 0 becomes -1 and ``size`` 1 (0 for a
    joint that is absent), and the score; the box is that of side ``size`` of
    :class:`~mmalign.datasets.transforms.CropToPoseBox`.

    Args:
        skeleton: name of the skeleton.
        size: side of the box in the pipeline's units.
        dims: D, coordinates of a joint: 2, or 3 after
            :class:`~mmalign.datasets.transforms.Use3DKeypoints`.
        non_blocking: of the copies to the device.
    """

    def __init__(
        self, skeleton: str, size: int = 30, dims: int = 2, non_blocking: bool = False
    ) -> None:
        super().__init__(skeleton, size=size, non_blocking=non_blocking)
        self.dims = dims

    @property
    def encoder_args(self) -> dict[str, Any]:
        """What an encoder must know of the frames: skeleton and channels of a joint."""
        return dict(skeleton=self.skeleton.name, in_channels=self.dims + 1)

    def _render(self, modality: str, frames: Tensor) -> Tensor:
        if modality != "pose":
            return frames
        return _coordinates(frames, self.size, self.dims)


def _fps(samples: Sequence[AlignmentDataSample], like: Tensor) -> Tensor | None:
    rates = [getattr(sample, "fps", None) for sample in samples]
    return None if None in rates else like.new_tensor(rates)


def _coordinates(frames: Tensor, size: int, dims: int) -> Tensor:
    """Joints ``(N, K, D + 1)``, their places 0 to ``size`` in the box as -1 to 1."""
    _check_dims(frames, dims)
    places, score = frames[..., :-1], frames[..., -1:]
    places = torch.where(score > 0, places * (2 / size) - 1, 0)
    return torch.cat([places, score], dim=-1)


def _check_dims(frames: Tensor, dims: int) -> None:
    if frames.ndim != 3:
        raise InputError(
            "the pipeline gives heatmaps, the network takes joints; leave GeneratePoseHeatmap out"
        )
    if frames.shape[-1] != dims + 1:
        raise InputError(
            f"poses have {frames.shape[-1] - 1} coordinates, the network takes {dims}: in 3D"
            " the pipeline has Use3DKeypoints and the model a CoordinateDataPreprocessor with"
            " dims=3"
        )
