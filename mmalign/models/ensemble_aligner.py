"""Several alignment networks that learn side by side and are embedded as one."""

from __future__ import annotations

import torch
from mmengine.model import ModuleList
from torch import Tensor, nn

from mmalign.models.aligner import BaseAligner
from mmalign.models.branch import Branch
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class EnsembleAligner(BaseAligner):
    """Networks of one kind that differ in the weights they start from (a deep ensemble).

    Each member has the loss to itself; an embedding is those of the members side by side, in which
    squared distances are the sums of theirs. What one member takes for alike by chance another does
    not. Not in the paper.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        encoder: config of a member's encoder.
        loss: config of the alignment loss.
        num_members: how many networks, at least 1.
        cross: config of a member's cross-attention; None = none.
        head: config of a member's projection head; None = the loss acts on the embeddings.
        max_frames: longer sequences are embedded in overlapping windows of this length; None = no
            limit.
        modality: ``'pose'``, ``'rgb'``, ``'flow'`` or ``'depth'``.
        cross_clip: config of the loss between clips, see
            :class:`~mmalign.models.losses.CrossClipLoss`; None = none. The common time is found by
            the members together.
        init_cfg: as in MMEngine.
    """

    def __init__(
        self,
        data_preprocessor: dict,
        encoder: dict,
        loss: dict,
        num_members: int = 2,
        cross: dict | None = None,
        head: dict | None = None,
        max_frames: int | None = None,
        modality: str = "pose",
        cross_clip: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, max_frames, init_cfg)
        if num_members < 1:
            raise ValueError(f"num_members must be at least 1, found {num_members}")
        self.modalities = (modality,)
        self.members = ModuleList(
            Branch(modality, encoder, cross, self.data_preprocessor) for _ in range(num_members)
        )
        self.build_head(None, loss, cross_clip)
        self.heads = nn.ModuleList(
            nn.Identity() if head is None else MODELS.build(head) for _ in range(num_members)
        )

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """The members' embeddings side by side; see :meth:`BaseAligner.encode`."""
        found = [member(a, b) for member in self.members]
        u, v = (torch.cat(views, dim=-1) for views in zip(*found, strict=True))
        return u, v

    def _loss(
        self, view0: ViewBatch, view1: ViewBatch, samples: list[AlignmentDataSample]
    ) -> dict[str, Tensor]:
        """The mean of the members' losses, each of its own embeddings."""
        found = []
        for member, head in zip(self.members, self.heads, strict=True):
            u0, u1 = member(view0, view1)
            found.append(self.losses_of((head(u0), head(u1)), (view0, view1), samples))
        return {name: torch.stack([one[name] for one in found]).mean() for name in found[0]}
