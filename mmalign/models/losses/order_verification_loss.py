"""Shuffle and learn (SAL)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mmalign.errors import InputError
from mmalign.functional.order_verification import TUPLE, draw_triplets
from mmalign.models.losses.sequence_loss import ClipLoss
from mmalign.registry import MODELS


@MODELS.register_module()
class OrderVerificationLoss(ClipLoss):
    """A head of the loss is to tell whether three frames of a clip are in their order.

    Shuffle and learn (Misra et al., ECCV 2016), as in TCC's code. Clips in which fewer than 5
    frames are drawn have no part in it.

    Args:
        in_channels: D, channels of the latents.
        hidden_channels: widths of the head's layers between.
        triplets_per_clip: triplets that are drawn of each clip.
        shuffled_share: share of them that is out of order.
        label_smoothing: of the cross-entropy.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 20, ``'uniform'``.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        in_channels: int = 128,
        hidden_channels: tuple[int, ...] = (128, 64),
        triplets_per_clip: int = 8,
        shuffled_share: float = 0.75,
        label_smoothing: float = 0.0,
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(frames=frames or dict(sampler="uniform", num_frames=20), **options)
        if triplets_per_clip < 1:
            raise InputError(f"triplets_per_clip is {triplets_per_clip}, expected at least 1")
        for name, share in (
            ("shuffled_share", shuffled_share),
            ("label_smoothing", label_smoothing),
        ):
            if not 0 <= share <= 1:
                raise InputError(f"{name} is {share}, expected a number in [0, 1]")
        self.in_channels = in_channels
        self.triplets_per_clip, self.shuffled_share = triplets_per_clip, shuffled_share
        self.label_smoothing = label_smoothing
        layers: list[nn.Module] = []
        width = 3 * in_channels
        for hidden in hidden_channels:
            layers += [nn.Linear(width, hidden), nn.ReLU()]
            width = hidden
        self.head = nn.Sequential(*layers, nn.Linear(width, 2))

    def clip(self, z: Tensor, t: Tensor, lengths: Tensor, m: Tensor) -> Tensor:
        """See :meth:`ClipLoss.clip`; skipped if no clip has 5 frames."""
        if z.shape[2] != self.in_channels:
            raise InputError(
                f"in_channels of OrderVerificationLoss is {self.in_channels}, expected"
                f" {z.shape[2]}, the channels of the latents; set it so"
            )
        counts = m.sum(1).cpu()
        enough = (counts >= TUPLE).nonzero().flatten()
        if not len(enough):
            reason = f"no clip of a batch has {TUPLE} frames; draw more of each clip, or trim less"
            return self.skip((z,), reason)
        clips, positions, labels = draw_triplets(
            counts[enough], self.triplets_per_clip, self.shuffled_share
        )
        return self.verify(z[enough.to(z.device)], clips, positions, labels)

    def verify(self, z: Tensor, clips: Tensor, positions: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of given triplets.

        Args:
            z: latents ``(B, N, D)``.
            clips: of each triplet ``(S,)``.
            positions: of its frames ``(S, 3)``.
            labels: ``(S,)``, 1 = out of order.

        Returns:
            A scalar.
        """
        clips, positions, labels = (part.to(z.device) for part in (clips, positions, labels))
        logits = self.head(z[clips.unsqueeze(1), positions].flatten(1))
        return cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
