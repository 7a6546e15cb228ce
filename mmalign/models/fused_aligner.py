"""The alignment network of several modalities (LA2DS, Sec. 3.4 and Fig. 5)."""

from __future__ import annotations

from typing import Any

from mmengine.model import ModuleDict
from torch import Tensor

from mmalign.errors import InputError
from mmalign.models.aligner import BaseAligner
from mmalign.models.branch import Branch
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample
from mmalign.structures.modalities import JOINTS


@MODELS.register_module()
class FusedAligner(BaseAligner):
    """Frame embeddings fused late from several modalities.

    Each modality has an encoder and a cross-attention of its own, those of an
    :class:`~mmalign.models.Aligner` of it, from whose checkpoint they can start. Trained with
    modality dropout, it embeds sequences that lack some of the modalities too.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        encoders: per modality (``pose``, ``rgb``, ``flow``, ``depth``) the config of its encoder.
        fusion: config of the fusion, without ``dims``.
        loss: config of the loss called ``loss``; None = none but those of ``losses``.
        cross: config of the cross-attention, of which every modality gets one; None = none.
        head: config of the projection head; None = the losses act on the embeddings.
        max_frames: longer sequences are embedded in windows, see
            :func:`~mmalign.models.windows.embed_clip`; None = 256.
        cross_clip: config of the loss called ``cross_clip``, a
            :class:`~mmalign.models.losses.CrossClipLoss`; None = none but those of ``losses``.
        losses: per name the config of a :class:`~mmalign.models.losses.SequenceLoss`; they are
            added up.
        embedding: see :class:`~mmalign.models.aligner.BaseAligner`; the ``parts`` of single
            modalities are always by their encoders.
        init_cfg: as in MMEngine.
    """

    can_lack = True

    def __init__(
        self,
        data_preprocessor: dict,
        encoders: dict[str, dict],
        fusion: dict,
        loss: dict | None = None,
        cross: dict | None = None,
        head: dict | None = None,
        max_frames: int | None = None,
        cross_clip: dict | None = None,
        losses: dict[str, dict] | None = None,
        embedding: str = "encoder",
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, max_frames, init_cfg, embedding)
        if len(encoders) < 2:
            raise ValueError(f"encoders must be of two or more modalities, found {list(encoders)}")
        if JOINTS in encoders:
            raise ValueError("encoders: joints are not fused; use pose, or an EnsembleAligner")
        self.modalities = tuple(encoders)
        self.branches = ModuleDict(
            {
                name: Branch(name, encoder, cross, self.data_preprocessor)
                for name, encoder in encoders.items()
            }
        )
        dims = {name: branch.dim for name, branch in self.branches.items()}
        self.fusion = MODELS.build({**fusion, "dims": dims})
        self.build_head(head, loss, cross_clip, losses)

    def encode(self, a: ViewBatch, b: ViewBatch | None = None) -> tuple[Tensor, Tensor]:
        """Fused embeddings of two views; see :meth:`BaseAligner.encode`.

        While training, both views must hold every modality and lose the same ones at random; else
        what is missing is stood in for.
        """
        features = {name: self.branches[name](a, b) for name in self._present(a)}
        kept: Any = self.fusion.draw(len(a.mask), a.mask.device) if self.training else None
        u = self.fusion({name: pair[0] for name, pair in features.items()}, a.mask, kept)
        if b is None:
            return u, u
        return u, self.fusion({name: pair[1] for name, pair in features.items()}, b.mask, kept)

    def predict(
        self, view: ViewBatch, data_samples: list[AlignmentDataSample]
    ) -> list[AlignmentDataSample]:
        """Give each sample its fused ``embedding (T, D)`` and ``parts``.

        ``parts`` are per modality the embeddings of its own branch, under the modality's name, and
        the fused ones without it, under ``without_`` and its name: ``(T, D)`` each.
        """
        parts = self._all_parts(view)
        if self.embedding == "latent":
            for name in parts.keys() - set(self.modalities):
                parts[name] = self.latents(parts[name], view)
        for i, sample in enumerate(data_samples):
            own = {name: u[i][view.mask[i]] for name, u in parts.items()}
            sample.embedding = own.pop("fused")
            sample.parts = own
        return data_samples

    def _all_parts(self, view: ViewBatch) -> dict[str, Tensor]:
        features = {name: self.branches[name](view)[0] for name in self._present(view)}
        parts = {"fused": self.fusion(features, view.mask), **features}
        if len(features) > 1:
            for left_out in features:
                rest = {name: u for name, u in features.items() if name != left_out}
                parts[f"without_{left_out}"] = self.fusion(rest, view.mask)
        return parts

    def _present(self, view: ViewBatch) -> list[str]:
        present = [name for name in self.modalities if name in view.frames]
        if not present or (self.training and len(present) < len(self.modalities)):
            raise InputError(
                f"the batch holds {', '.join(view.frames)}, the network takes"
                f" {', '.join(self.modalities)}; name them in PackAlignmentInputs(modalities=...)"
                " of the pipeline and load them before"
            )
        return present
