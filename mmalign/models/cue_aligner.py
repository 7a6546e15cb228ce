"""An alignment network that learns from further cues, and is used without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import ModuleList
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.models.branch import Branch
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.ensemble_aligner import EnsembleAligner
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class CueAligner(EnsembleAligner):
    """An :class:`~mmalign.models.EnsembleAligner` whose losses see further cues of the same frames.

    In training each cue has an encoder and a head of its own; the losses, a
    :class:`~mmalign.models.losses.MultiCueLoss` among them, get the latents of a member and of
    the cues side by side. Sequences are embedded by the members alone, so that neither the pipeline
    of a test nor an alignment needs the cues (STEPs: Shah et al., ICCV 2023).

    Args:
        cues: per cue a dict with ``encoder``, its config, and where it has them ``modality`` (the
            first member's if not given) and ``head``, the config of its projection head.
        **options: arguments of :class:`~mmalign.models.EnsembleAligner`.

    Raises:
        InputError: A cue has no encoder, or what no cue has.
    """

    def __init__(self, *, cues: Sequence[dict[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        branches, heads = [], []
        for cue in cues:
            if "encoder" not in cue or set(cue) - {"modality", "encoder", "head"}:
                raise InputError(
                    f"a cue of model.cues has {', '.join(cue)}; expected encoder and any of"
                    " modality, head"
                )
            modality = cue.get("modality", self.members[0].modality)
            branches.append(Branch(modality, cue["encoder"], None, self.data_preprocessor))
            heads.append(MODELS.build(cue["head"]) if cue.get("head") else nn.Identity())
        self.cues, self.cue_heads = ModuleList(branches), nn.ModuleList(heads)

    def losses_of(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: list[AlignmentDataSample],
    ) -> dict[str, Tensor]:
        """See :meth:`BaseAligner.losses_of`; the latents of the cues are put behind ``z``."""
        joined = []
        for one, view in zip(z, views, strict=True):
            pairs = zip(self.cue_heads, self.cues, strict=True)
            beside = [self.project(head, cue(view)[0], view) for head, cue in pairs]
            joined.append(torch.cat([one, *beside], dim=-1))
        return super().losses_of(tuple(joined), views, samples)
