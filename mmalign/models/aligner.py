"""The alignment network (LA2DS, Fig. 2): encoders, cross-attention, projection head, losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mmengine.model import BaseModel
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.models.branch import build_encoder, encode_views, packed_modalities
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.heads import apply_head
from mmalign.models.heads.projection import unit_length
from mmalign.models.losses.build import build_losses, logged_name, rename_old_weights
from mmalign.models.windows import Windows, embed_clip, windows_for
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

EMBEDDINGS = ("encoder", "latent")


class BaseAligner(BaseModel):
    """What all aligners share: the three modes, clips of any length, head and losses.

    A subclass builds what :meth:`encode` needs, then calls :meth:`build_head`: weights are drawn
    in the order in which the data pass them.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        max_frames: longer sequences are embedded in windows, see
            :func:`~mmalign.models.windows.embed_clip`; None = 256.
        init_cfg: as in MMEngine.
        embedding: what sequences are embedded by: ``'encoder'``, U, or ``'latent'``, what the
            losses see.
        normalize: divide latents and embeddings by their Euclidean norms.

    Raises:
        InputError: There is no such embedding.
    """

    modalities: tuple[str, ...]
    """What the network takes, as the pipeline packs it."""

    can_lack = False
    """Whether it does with some of its modalities alone."""

    view_frames: int | None = None
    """Frames of the longest view in training, set by who knows the config; None if nobody does."""

    def __init__(
        self,
        data_preprocessor: dict,
        max_frames: int | None = None,
        init_cfg: dict | None = None,
        embedding: str = "encoder",
        normalize: bool = False,
    ) -> None:
        if embedding not in EMBEDDINGS:
            raise InputError(
                f"model.embedding is {embedding!r}, expected one of {', '.join(EMBEDDINGS)}"
            )
        # Built here: BaseModel asks the root registry, which does not know ours.
        super().__init__(MODELS.build(data_preprocessor), init_cfg)
        self.max_frames, self.embedding, self.normalize = max_frames, embedding, normalize

    def build_head(
        self,
        head: dict | None,
        loss: dict | None,
        cross_clip: dict | None,
        losses: Mapping[str, dict] | None,
    ) -> None:
        """Build the projection head (None = the losses act on the embeddings) and the losses."""
        self.head = nn.Identity() if head is None else MODELS.build(head)
        self.losses = build_losses(loss, cross_clip, losses)

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """Embeddings U of two views, ``(B, M, D)`` and ``(B, N, D)``.

        Without ``b`` sequences attend to themselves, and both are those of ``a``.
        """
        raise NotImplementedError

    def forward(
        self,
        inputs: list[ViewBatch],
        data_samples: list[AlignmentDataSample] | None = None,
        mode: str = "tensor",
    ) -> Tensor | dict[str, Tensor] | list[AlignmentDataSample]:
        """Run the network.

        Args:
            inputs: the views of a batch: one or two in ``'loss'`` mode, else the first is used.
            data_samples: one per sequence (``'predict'``, and losses that look at them).
            mode: ``'tensor'``: embeddings ``(B, T, D)``, 0 where padded; ``'loss'``: a dict with
                the losses; ``'predict'``: the data samples, each with ``embedding (T, D)``.

        Raises:
            InputError: The losses need more views, or there is no loss.
        """
        if mode == "loss":
            return self._loss(tuple(inputs[:2]), data_samples or [])
        frames = inputs[0].mask.shape[1]
        if self.max_frames is not None and frames > self.max_frames:
            raise ValueError(
                f"{frames} frames are more than the {self.max_frames} that the network embeds at"
                " once; val_step and test_step embed clips of any length"
            )
        if mode == "tensor":
            return self.embed(inputs[0])
        if mode != "predict" or data_samples is None:
            raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")
        return self.predict(inputs[0], data_samples)

    def predict(
        self, view: ViewBatch, data_samples: list[AlignmentDataSample]
    ) -> list[AlignmentDataSample]:
        """Give each sample its ``embedding (T, D)``."""
        for sample, features, mask in zip(data_samples, self.embed(view), view.mask, strict=True):
            sample.embedding = features[mask]
        return data_samples

    def embed(self, view: ViewBatch) -> Tensor:
        """Embeddings of single sequences ``(B, T, D)``: cross-attention attends to itself."""
        u = self.encode(view)[0]
        if self.embedding == "latent":
            return self.latents(u, view)
        return unit_length(u) if self.normalize else u

    def latents(self, u: Tensor, view: ViewBatch) -> Tensor:
        """What the losses see of U ``(B, T, D)`` of a view, 0 where it is padded."""
        return self.project(self.head, u, view) * view.mask.unsqueeze(-1)

    def project(self, head: nn.Module, u: Tensor, view: ViewBatch) -> Tensor:
        """Latents of embeddings ``(B, T, D)`` by a head; anything where the view is padded."""
        z = apply_head(head, u, view)
        return unit_length(z) if self.normalize else z

    @property
    def windows(self) -> Windows:
        """Which frames are embedded at once."""
        return windows_for(self.max_frames, self.view_frames)

    def val_step(self, data: dict[str, Any]) -> list[AlignmentDataSample]:
        """Embed a collated batch of clips of any length: long ones one by one, in windows.

        Raises:
            InputError: If a long clip comes without what it was packed from.
        """
        samples: list[AlignmentDataSample] = data["data_samples"]
        if all(len(sample.frame_inds[0]) <= self.windows.longest for sample in samples):
            return super().val_step(data)
        for sample in samples:
            if "clip" not in sample:
                raise InputError(
                    f"sequence {sample.sample_id!r}: has {len(sample.frame_inds[0])} frames, the"
                    f" network embeds at most {self.windows.longest} at once; longer ones need"
                    " test_mode=True of their data set"
                )
            parts = embed_clip(self, sample.clip)
            sample.embedding = parts.pop("embedding")
            if parts:
                sample.parts = parts
        return samples

    def test_step(self, data: dict[str, Any]) -> list[AlignmentDataSample]:
        """As :meth:`val_step`."""
        return self.val_step(data)

    def unfinished(self) -> str | None:
        """What weights that were loaded lack until training has ended; None if nothing."""
        return None

    def _loss(
        self, views: tuple[ViewBatch, ...], samples: list[AlignmentDataSample]
    ) -> dict[str, Tensor]:
        # Of one view, encode gives the same embeddings twice.
        found = zip(self.encode(*views), views, strict=False)
        z = tuple(self.project(self.head, u, view) for u, view in found)
        return self.losses_of(z, views, samples)

    def losses_of(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: list[AlignmentDataSample],
    ) -> dict[str, Tensor]:
        """Losses of the latents ``(B, T, D)`` of each view, by their names in logs."""
        if not self.losses:
            raise InputError(
                "model.losses: found none, expected at least one to train with, such as"
                " losses=dict(alignment=dict(type='AlignmentLoss'))"
            )
        return {logged_name(k): loss(z, views, samples) for k, loss in self.losses.items()}

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *args: Any) -> None:
        rename_old_weights(state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *args)


@MODELS.register_module()
class Aligner(BaseAligner):
    """Frame embeddings that align sequences of the same activity in time, from one modality.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        encoder: config of the encoder; what it must know of the frames it gets from the
            preprocessor (poses) or from the table of :mod:`~mmalign.structures.modalities`.
        loss: config of the loss called ``loss``; None = none but those of ``losses``.
        cross: config of the cross-attention; None = no cross-attention.
        head: config of the projection head; None = the losses act on the embeddings.
        max_frames: longer sequences are embedded in windows, see
            :func:`~mmalign.models.windows.embed_clip`; None = 256.
        modality: ``'pose'`` (heatmaps, or what the preprocessor makes of poses), ``'joints'``,
            ``'rgb'``, ``'flow'`` or ``'depth'``.
        cross_clip: config of the loss called ``cross_clip``, a
            :class:`~mmalign.models.losses.CrossClipLoss`; None = none but those of ``losses``.
        losses: per name the config of a :class:`~mmalign.models.losses.SequenceLoss`; they are
            added up.
        embedding: see :class:`BaseAligner`.
        init_cfg: as in MMEngine.
        normalize: see :class:`BaseAligner`.
    """

    def __init__(
        self,
        data_preprocessor: dict,
        encoder: dict,
        loss: dict | None = None,
        cross: dict | None = None,
        head: dict | None = None,
        max_frames: int | None = None,
        modality: str = "pose",
        cross_clip: dict | None = None,
        losses: dict[str, dict] | None = None,
        embedding: str = "encoder",
        init_cfg: dict | None = None,
        normalize: bool = False,
    ) -> None:
        super().__init__(data_preprocessor, max_frames, init_cfg, embedding, normalize)
        self.modality, self.modalities = modality, packed_modalities([modality])
        self.encoder = build_encoder(modality, encoder, self.data_preprocessor)
        self.cross = None if cross is None else MODELS.build(cross)
        self.build_head(head, loss, cross_clip, losses)

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """See :meth:`BaseAligner.encode`."""
        return encode_views(self.encoder, self.cross, self.modality, a, b)
