"""The alignment network (LA2DS, Fig. 2): encoders, cross-attention, projection head, loss."""

from __future__ import annotations

from collections.abc import Callable

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from mmalign.models.branch import build_encoder, encode_views, packed_modalities
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.windows import embed_in_windows
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


class BaseAligner(BaseModel):
    """What all aligners share: the three modes, windows of long sequences, head and loss.

    A subclass builds what :meth:`encode` needs, then calls :meth:`build_head`: weights are drawn
    in the order in which the data pass them.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        max_frames: longer sequences are embedded in overlapping windows of this length; None = no
            limit.
        init_cfg: as in MMEngine.
    """

    modalities: tuple[str, ...]
    """What the network takes, as the pipeline packs it."""

    can_lack = False
    """Whether it does with some of its modalities alone."""

    def __init__(
        self,
        data_preprocessor: dict,
        max_frames: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        # Built here: BaseModel asks the root registry, which does not know ours.
        super().__init__(MODELS.build(data_preprocessor), init_cfg)
        self.max_frames = max_frames

    def build_head(self, head: dict | None, loss: dict, cross_clip: dict | None) -> None:
        """Build the projection head (None = the loss acts on the embeddings) and the losses."""
        self.head = nn.Identity() if head is None else MODELS.build(head)
        self.loss_fn = MODELS.build(loss)
        self.cross_clip = None if cross_clip is None else MODELS.build(cross_clip)

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
            inputs: the views of a batch: two in ``'loss'`` mode, else the first is used.
            data_samples: one per sequence (``'predict'``, and the loss between clips).
            mode: ``'tensor'``: embeddings U ``(B, T, D)``, 0 where padded; ``'loss'``: a dict with
                the loss; ``'predict'``: the data samples, each with ``embedding (T, D)``.
        """
        if mode == "loss":
            return self._loss(inputs[0], inputs[1], data_samples or [])
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
        """Embeddings U of single sequences ``(B, T, D)``: cross-attention attends to itself."""
        return self.in_windows(lambda part: self.encode(part)[0], view)

    def in_windows(self, embed: Callable[[ViewBatch], Tensor], view: ViewBatch) -> Tensor:
        """Run ``embed``, which gives ``(B, T, D)``, in windows where a sequence is too long."""
        if self.max_frames is None or view.mask.shape[1] <= self.max_frames:
            return embed(view)
        frames = torch.arange(int(view.mask.sum()), device=view.mask.device)
        return embed_in_windows(
            lambda chosen, ones: embed(view.select(chosen, ones)),
            frames,
            view.mask,
            self.max_frames,
        )

    def unfinished(self) -> str | None:
        """What weights that were loaded lack until training has ended; None if nothing."""
        return None

    def _loss(
        self, view0: ViewBatch, view1: ViewBatch, samples: list[AlignmentDataSample]
    ) -> dict[str, Tensor]:
        u0, u1 = self.encode(view0, view1)
        return self.losses_of((self.head(u0), self.head(u1)), (view0, view1), samples)

    def losses_of(
        self,
        z: tuple[Tensor, Tensor],
        views: tuple[ViewBatch, ViewBatch],
        samples: list[AlignmentDataSample],
    ) -> dict[str, Tensor]:
        """Losses of latents ``(B, M, D)`` and ``(B, N, D)`` of two views."""
        a, b = views
        losses = dict(loss=self.loss_fn(z, (a.frame_inds, b.frame_inds), (a.mask, b.mask)))
        if self.cross_clip is not None:
            losses["loss_cross_clip"] = self.cross_clip(z, views, samples)
        return losses


@MODELS.register_module()
class Aligner(BaseAligner):
    """Frame embeddings that align sequences of the same activity in time, from one modality.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        encoder: config of the encoder; what it must know of the frames it gets from the
            preprocessor (poses) or from the table of :mod:`~mmalign.structures.modalities`.
        loss: config of the alignment loss.
        cross: config of the cross-attention; None = no cross-attention.
        head: config of the projection head; None = the loss acts on the embeddings.
        max_frames: longer sequences are embedded in overlapping windows of this length; None = no
            limit.
        modality: ``'pose'`` (heatmaps, or what the preprocessor makes of poses), ``'joints'``,
            ``'rgb'``, ``'flow'`` or ``'depth'``.
        cross_clip: config of the loss between clips, see
            :class:`~mmalign.models.losses.CrossClipLoss`; None = none.
        init_cfg: as in MMEngine.
    """

    def __init__(
        self,
        data_preprocessor: dict,
        encoder: dict,
        loss: dict,
        cross: dict | None = None,
        head: dict | None = None,
        max_frames: int | None = None,
        modality: str = "pose",
        cross_clip: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, max_frames, init_cfg)
        self.modality, self.modalities = modality, packed_modalities([modality])
        self.encoder = build_encoder(modality, encoder, self.data_preprocessor)
        self.cross = None if cross is None else MODELS.build(cross)
        self.build_head(head, loss, cross_clip)

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """See :meth:`BaseAligner.encode`."""
        return encode_views(self.encoder, self.cross, self.modality, a, b)
