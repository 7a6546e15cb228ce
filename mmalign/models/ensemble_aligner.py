"""Several alignment networks that learn side by side and are embedded as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import ModuleList
from torch import Tensor, nn

from mmalign.models.aligner import BaseAligner
from mmalign.models.branch import Branch, packed_modalities
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.readout import ActionReadouts, Readout
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class EnsembleAligner(BaseAligner):
    """Networks that differ in their encoder, or only in the weights they start from.

    Each member has the losses to itself; an embedding is those of the members side by side, in
    which squared distances are the sums of theirs. What one member takes for alike by chance
    another does not. Not in the paper, where all that is fused learns jointly.

    With ``readout`` embeddings become the features of a :class:`~mmalign.models.readout.Readout`
    once :class:`~mmalign.engine.hooks.ReadoutHook` has fitted it to the training clips. With
    ``action_readouts`` a network of several actions has one more for each of them, whose prototypes
    are all its own. A sample of such an action is predicted by it, so that embeddings of different
    actions cannot be compared; what has another action or none, by that of all, and so is
    everything in ``'tensor'`` mode.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap, and has
            ``joints=True`` for members that see joints.
        members: per member a dict with ``encoder``, its config, and where it has them
            ``modality`` (``'pose'``, heatmaps, if not given; ``'joints'``, coordinates; ``'rgb'``,
            ``'flow'`` or ``'depth'``), ``cross``, the config of its cross-attention, and ``head``,
            that of its projection head.
        loss: config of the loss called ``loss``; None = none but those of ``losses``.
        max_frames: longer sequences are embedded in windows, see
            :func:`~mmalign.models.windows.embed_clip`; None = 256.
        cross_clip: config of the loss called ``cross_clip``, a
            :class:`~mmalign.models.losses.CrossClipLoss`; None = none but those of ``losses``. The
            common time is found by the members together.
        readout: arguments of the readout but ``dims``; None = the embeddings of all members.
        action_readouts: whether actions have readouts of their own, with the same arguments.
        losses: per name the config of a :class:`~mmalign.models.losses.SequenceLoss`; they are
            added up. What a loss has to learn, the members share.
        embedding: see :class:`~mmalign.models.aligner.BaseAligner`.
        init_cfg: as in MMEngine.
        normalize: see :class:`~mmalign.models.aligner.BaseAligner`; the latents of each member, and
            the embeddings of all together, before the readout.
    """

    def __init__(
        self,
        data_preprocessor: dict,
        members: Sequence[dict[str, Any]],
        loss: dict | None = None,
        max_frames: int | None = None,
        cross_clip: dict | None = None,
        readout: dict[str, Any] | None = None,
        action_readouts: bool = False,
        losses: dict[str, dict] | None = None,
        embedding: str = "encoder",
        init_cfg: dict | None = None,
        normalize: bool = False,
    ) -> None:
        super().__init__(data_preprocessor, max_frames, init_cfg, embedding, normalize)
        if not members:
            raise ValueError("members: found none, expected one or more")
        branches, heads = [], []
        for member in members:
            unknown = sorted(set(member) - {"modality", "encoder", "cross", "head"})
            if unknown or "encoder" not in member:
                raise ValueError(
                    f"a member has {', '.join(member)}; expected encoder and any of modality,"
                    " cross, head"
                )
            modality, cross = member.get("modality", "pose"), member.get("cross")
            branches.append(Branch(modality, member["encoder"], cross, self.data_preprocessor))
            heads.append(MODELS.build(member["head"]) if member.get("head") else nn.Identity())
        self.members, self.heads = ModuleList(branches), nn.ModuleList(heads)
        self.modalities = packed_modalities(branch.modality for branch in branches)
        self.build_head(None, loss, cross_clip, losses)
        dims = sum(branch.dim for branch in branches)
        if embedding == "latent":
            dims = sum(
                branch.dim if isinstance(head, nn.Identity) else int(head.out)
                for branch, head in zip(branches, heads, strict=True)
            )
        self.readout = None if readout is None else Readout(dims, **readout)
        self.action_readouts: ActionReadouts | None = None
        if action_readouts:
            if readout is None:
                raise ValueError("action_readouts need a readout; give one, or leave them out")
            self.action_readouts = ActionReadouts(dims, **readout)

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """The members' embeddings side by side; see :meth:`BaseAligner.encode`."""
        found = [member(a, b) for member in self.members]
        u, v = (torch.cat(views, dim=-1) for views in zip(*found, strict=True))
        return u, v

    def latents(self, u: Tensor, view: ViewBatch) -> Tensor:
        """See :meth:`BaseAligner.latents`; each head sees its member's embeddings."""
        parts = u.split([member.dim for member in self.members], dim=-1)
        found = [self.project(*part, view) for part in zip(self.heads, parts, strict=True)]
        return torch.cat(found, dim=-1) * view.mask.unsqueeze(-1)

    def embed(self, view: ViewBatch) -> Tensor:
        """Embeddings of single sequences; what the readout makes of them, once it is fitted."""
        u = super().embed(view)
        if self.readout is None or not self.readout.fitted:
            return u
        features: Tensor = self.readout(u)
        return features * view.mask.unsqueeze(-1)

    def predict(
        self, view: ViewBatch, data_samples: list[AlignmentDataSample]
    ) -> list[AlignmentDataSample]:
        """Give each sample its ``embedding (T, D)``, by its action's readout if it has one."""
        of_action, of_all = self.action_readouts, self.readout
        if of_action is None or of_all is None or not of_all.fitted:
            return super().predict(view, data_samples)
        whole = super().embed(view)
        for sample, frames, mask in zip(data_samples, whole, view.mask, strict=True):
            readout = of_action.get(getattr(sample, "action", "")) or of_all
            sample.embedding = readout(frames[mask])
        return data_samples

    def unfinished(self) -> str | None:
        """See :meth:`BaseAligner.unfinished`."""
        if self.readout is None or self.readout.fitted:
            return None
        return (
            "its readout was not fitted yet, so that the embeddings are all that its members have;"
            " take the checkpoint of the last epoch"
        )

    def _loss(
        self, views: tuple[ViewBatch, ...], samples: list[AlignmentDataSample]
    ) -> dict[str, Tensor]:
        """The mean of the members' losses, each of its own embeddings."""
        found = []
        for member, head in zip(self.members, self.heads, strict=True):
            # Of one view, a member gives the same embeddings twice.
            pairs = zip(member(*views), views, strict=False)
            z = tuple(self.project(head, u, view) for u, view in pairs)
            found.append(self.losses_of(z, views, samples))
        return {name: torch.stack([one[name] for one in found]).mean() for name in found[0]}
