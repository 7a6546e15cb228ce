"""The alignment network (LA2DS, Fig. 2): encoders, cross-attention, projection head, loss."""

from __future__ import annotations

from mmengine.model import BaseModel
from torch import Tensor, nn

from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.windows import embed_in_windows
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class Aligner(BaseModel):
    """Frame embeddings that align sequences of the same activity in time.

    Args:
        data_preprocessor: config; it names the skeleton and the kind of heatmap.
        encoder: config of the encoder of the pose modality; what it must know of the frames it
            gets from the preprocessor.
        cross: config of the cross-attention; None = no cross-attention.
        head: config of the projection head; None = the loss acts on the embeddings.
        loss: config of the alignment loss.
        max_frames: longer sequences are embedded in overlapping windows of this length; None = no
            limit.
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
        init_cfg: dict | None = None,
    ) -> None:
        # Built here: BaseModel asks the root registry, which does not know ours.
        super().__init__(MODELS.build(data_preprocessor), init_cfg)
        self.encoder = MODELS.build({**self.data_preprocessor.encoder_args, **encoder})
        self.cross = None if cross is None else MODELS.build(cross)
        self.head = nn.Identity() if head is None else MODELS.build(head)
        self.loss_fn = MODELS.build(loss)
        self.max_frames = max_frames

    def forward(
        self,
        inputs: list[ViewBatch],
        data_samples: list[AlignmentDataSample] | None = None,
        mode: str = "tensor",
    ) -> Tensor | dict[str, Tensor] | list[AlignmentDataSample]:
        """Run the network.

        Args:
            inputs: the views of a batch: two in ``'loss'`` mode, else the first is used.
            data_samples: one per sequence (``'predict'``).
            mode: ``'tensor'``: embeddings U ``(B, T, D)``, 0 where padded; ``'loss'``: a dict with
                the loss; ``'predict'``: the data samples, each with ``embedding (T, D)``.
        """
        if mode == "loss":
            return self._loss(*inputs)
        embedding = self.embed(inputs[0])
        if mode == "tensor":
            return embedding
        if mode != "predict" or data_samples is None:
            raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")
        for sample, features, mask in zip(data_samples, embedding, inputs[0].mask, strict=True):
            sample.embedding = features[mask]
        return data_samples

    def embed(self, view: ViewBatch) -> Tensor:
        """Embeddings U of single sequences ``(B, T, D)``: cross-attention attends to itself."""
        if self.max_frames is None or view.mask.shape[1] <= self.max_frames:
            return self._embed_whole(view.frames["pose"], view.mask)
        return embed_in_windows(self._embed_whole, view.frames["pose"], view.mask, self.max_frames)

    def _embed_whole(self, frames: Tensor, mask: Tensor) -> Tensor:
        features = self.encoder(frames, mask)
        return features if self.cross is None else self.cross(features, mask)[0]

    def _loss(self, view0: ViewBatch, view1: ViewBatch) -> dict[str, Tensor]:
        u0 = self.encoder(view0.frames["pose"], view0.mask)
        u1 = self.encoder(view1.frames["pose"], view1.mask)
        if self.cross is not None:
            u0, u1 = self.cross(u0, view0.mask, u1, view1.mask)
        loss = self.loss_fn(
            (self.head(u0), self.head(u1)),
            (view0.frame_inds, view1.frame_inds),
            (view0.mask, view1.mask),
        )
        return dict(loss=loss)
