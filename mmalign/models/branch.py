"""One modality's way through the network: its encoder and its cross-attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.models.data_preprocessor import AlignmentDataPreprocessor, ViewBatch
from mmalign.registry import MODELS
from mmalign.structures.modalities import JOINTS, MODALITIES, FrameModality, Modality


def packed_modalities(modalities: Iterable[str]) -> tuple[str, ...]:
    """What a pipeline packs for these modalities, each once: joints come with the poses.

    Raises:
        ValueError: One is unknown.
    """
    return tuple(dict.fromkeys(_modality(name).packed for name in modalities))


def _modality(name: str) -> Modality:
    if name not in MODALITIES:
        raise ValueError(f"modality must be one of {tuple(MODALITIES)}, found {name!r}")
    return MODALITIES[name]


def build_encoder(
    modality: str, encoder: Mapping[str, Any], preprocessor: AlignmentDataPreprocessor
) -> nn.Module:
    """Build the encoder of a modality, channels and normalisation filled in.

    Args:
        modality: one of :data:`~mmalign.structures.modalities.MODALITIES`.
        encoder: its config.
        preprocessor: the model's; it knows the channels of a heatmap.

    Raises:
        ValueError: the modality is unknown, or joints are not given.
    """
    known = _modality(modality)
    if isinstance(known, FrameModality):
        args = known.encoder_args
    elif modality != JOINTS:
        args = preprocessor.encoder_args
    elif preprocessor.joints:
        args = preprocessor.joint_args
    else:
        raise ValueError("an encoder of joints needs data_preprocessor=dict(joints=True)")
    return MODELS.build({**args, **encoder})


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
        modality: one of :data:`~mmalign.structures.modalities.MODALITIES`.
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
