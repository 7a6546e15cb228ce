"""One modality's way through the network: its encoder and its cross-attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.models.data_preprocessor import JOINTS, AlignmentDataPreprocessor, ViewBatch
from mmalign.registry import MODELS

FRAME_ARGS: dict[str, dict[str, Any]] = {
    # ImageNet's, in bytes.
    "rgb": dict(in_channels=3, mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    # Pixels of the resized frame between two frames of the video.
    "flow": dict(in_channels=2, mean=[0.0, 0.0], std=[2.0, 2.0]),
    # Metres, of a room.
    "depth": dict(in_channels=1, mean=[2.0], std=[1.0]),
}
"""What an encoder must know of the frames of each modality but the pose."""

MODALITIES = ("pose", JOINTS, *FRAME_ARGS)


def packed_modalities(modalities: Iterable[str]) -> tuple[str, ...]:
    """What a pipeline packs for these modalities, each once: joints come with the poses."""
    return tuple(dict.fromkeys("pose" if name == JOINTS else name for name in modalities))


def build_encoder(
    modality: str, encoder: Mapping[str, Any], preprocessor: AlignmentDataPreprocessor
) -> nn.Module:
    """Build the encoder of a modality, channels and normalisation filled in.

    Args:
        modality: one of :data:`MODALITIES`.
        encoder: its config.
        preprocessor: the model's; it knows the channels of a heatmap.

    Raises:
        ValueError: the modality is unknown, or joints are not given.
    """
    if modality not in MODALITIES:
        raise ValueError(f"modality must be one of {MODALITIES}, found {modality!r}")
    if modality == JOINTS and not preprocessor.joints:
        raise ValueError("an encoder of joints needs data_preprocessor=dict(joints=True)")
    if modality == "pose":
        known = preprocessor.encoder_args
    else:
        known = preprocessor.joint_args if modality == JOINTS else FRAME_ARGS[modality]
    return MODELS.build({**known, **encoder})


def encode_views(
    encoder: nn.Module, cross: nn.Module | None, modality: str, a: ViewBatch, b: ViewBatch | None
) -> tuple[Tensor, Tensor]:
    """Embeddings U of one modality of two views, ``(B, M, D)`` and ``(B, N, D)``.

    Without ``b`` sequences attend to themselves, and both are those of ``a``.

    Raises:
        InputError: The batch does not hold the modality.
    """
    for view in (a, b):
        if view is not None and modality not in view.frames:
            raise InputError(
                f"modality {modality!r}: the batch holds {', '.join(view.frames)} alone; name it in"
                " PackAlignmentInputs(modalities=...) of the pipeline and load it before"
            )
    u = encoder(a.frames[modality], a.mask)
    if b is None:
        u = u if cross is None else cross(u, a.mask)[0]
        return u, u
    v = encoder(b.frames[modality], b.mask)
    return (u, v) if cross is None else cross(u, a.mask, v, b.mask)


class Branch(BaseModule):
    """Encoder and cross-attention of one modality of several.

    Args:
        modality: one of :data:`MODALITIES`.
        encoder: config of the encoder.
        cross: config of the cross-attention, or None.
        preprocessor: the model's.
    """

    def __init__(
        self,
        modality: str,
        encoder: Mapping[str, Any],
        cross: Mapping[str, Any] | None,
        preprocessor: AlignmentDataPreprocessor,
    ) -> None:
        super().__init__()
        self.modality = modality
        self.encoder = build_encoder(modality, encoder, preprocessor)
        self.cross = None if cross is None else MODELS.build(dict(cross))

    @property
    def dim(self) -> int:
        """Channels of the embeddings."""
        return int(self.encoder.dim)  # type: ignore[arg-type]

    def forward(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """See :func:`encode_views`."""
        return encode_views(self.encoder, self.cross, self.modality, a, b)
