"""What a network can be given of a sequence: one table of modalities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

JOINTS = "joints"


@dataclass(frozen=True, kw_only=True)
class Modality:
    """One way to look at a sequence.

    Attributes:
        name: What configs and checkpoints call it.
        meaning: What its values are, and their unit, in one line.
        source: What it is made from: ``pose``, or the key of the index that says where its video or
            folder of images is (a field of :class:`~mmalign.poses.pose_index.SequenceEntry`).
    """

    name: str
    meaning: str
    source: str

    @property
    def packed(self) -> str:
        """What the pipeline packs for it: all that is made from poses is made from packed poses."""
        return "pose" if self.source == "pose" else self.name


@dataclass(frozen=True, kw_only=True)
class FrameModality(Modality):
    """A modality of square frames ``(S, S, C)``, one per pose.

    Attributes:
        dtype: Type of its values on disk and in a batch.
        mean: Mean of each of the C channels, by which encoders normalise.
        std: Standard deviation of each.
        averaged: Whether pixels may be averaged when frames are resized.
        from_next: Whether a frame is made from the picture after it too, so that none may be left
            out.
        mirrored: Factor of each channel where the picture is mirrored; empty if none changes.
        least_size: Smallest side S in pixels.
    """

    dtype: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    averaged: bool = True
    from_next: bool = False
    mirrored: tuple[int, ...] = ()
    least_size: int = 1

    @property
    def channels(self) -> int:
        """Number of channels C."""
        return len(self.mean)

    @property
    def encoder_args(self) -> dict[str, Any]:
        """What an encoder must know of the frames: channels, and how to normalise them."""
        return dict(in_channels=self.channels, mean=list(self.mean), std=list(self.std))

    def mirror(self, frames: np.ndarray) -> np.ndarray:
        """Mirror frames ``(T, S, S, C)``, left for right."""
        flipped = frames[:, :, ::-1]
        return flipped * np.array(self.mirrored, frames.dtype) if self.mirrored else flipped


_TABLE = (
    Modality(
        name="pose",
        meaning="keypoints and scores, of which heatmaps are drawn, or coordinates in the box",
        source="pose",
    ),
    Modality(
        name=JOINTS,
        meaning="coordinates in the box from -1 to 1, and scores, beside the heatmaps of the poses",
        source="pose",
    ),
    FrameModality(
        name="rgb",
        meaning="colours in bytes",
        source="video",
        dtype="uint8",
        mean=(123.675, 116.28, 103.53),  # ImageNet's.
        std=(58.395, 57.12, 57.375),
    ),
    FrameModality(
        name="flow",
        meaning="optical flow from a frame of the video to its next: x, y in pixels as resized",
        source="video",
        dtype="float16",
        mean=(0.0, 0.0),
        std=(2.0, 2.0),
        from_next=True,
        mirrored=(-1, 1),
        least_size=16,
    ),
    FrameModality(
        name="depth",
        meaning="metres, 0 where nothing was measured",
        source="depth",
        dtype="float32",
        mean=(2.0,),  # Of a room.
        std=(1.0,),
        averaged=False,  # Between a near and a far surface lies no surface.
    ),
)

MODALITIES: dict[str, Modality] = {modality.name: modality for modality in _TABLE}
"""Every modality by name; how frames are read and made is in ``mmalign/datasets/frames``."""

FRAMES = {name: one for name, one in MODALITIES.items() if isinstance(one, FrameModality)}
"""Those of frames."""


def packable() -> tuple[str, ...]:
    """What a pipeline can pack."""
    return tuple(dict.fromkeys(modality.packed for modality in MODALITIES.values()))
