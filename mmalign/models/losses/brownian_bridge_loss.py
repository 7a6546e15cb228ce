"""The loss of VSP, of single clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.brownian_bridge import bridge_contrast, draw_bridges
from mmalign.models.losses.sequence_loss import ClipLoss
from mmalign.registry import MODELS

_FRAMES = dict(sampler="segment", num_frames=12)


@MODELS.register_module()
class BrownianBridgeLoss(ClipLoss):
    """Contrast of Brownian bridges, as in VSP (Zhang et al., CVPR 2023), without labels.

    Each clip has bridges between random frames of it; negatives are the frames of all other bridges
    of the batch. Times are in mean distances of a clip's frames that enter the loss, as in the
    authors' code. Latents are meant to have norm 1: ``ProjectionHead(normalize=True)``. With the
    variance squared, scores of long bridges are next to 0, and gradients small.

    Args:
        num_bridges: bridges of each clip.
        span: least number of frames from the head of a bridge to its tail.
        squared_variance: see :func:`~mmalign.functional.brownian_bridge.bridge_contrast`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 12, ``'segment'``.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        num_bridges: int = 4,
        span: int = 3,
        squared_variance: bool = True,
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(frames=frames or _FRAMES, **options)
        for name, value, least in (("num_bridges", num_bridges, 1), ("span", span, 2)):
            if value < least:
                raise InputError(f"{name} is {value}, expected at least {least}")
        self.num_bridges, self.span = num_bridges, span
        self.squared_variance = squared_variance

    def clip(self, z: Tensor, t: Tensor, lengths: Tensor, m: Tensor) -> Tensor:
        """See :meth:`ClipLoss.clip`; clips of fewer than 3 frames are left out."""
        counts = m.sum(1)
        long = counts >= 3
        if not long.any():
            return self.skip((z,), "no clip of a batch has the 3 frames that a bridge needs")
        z, t, counts = z[long], t[long], counts[long]
        first, last = t[:, :1], t.gather(1, counts.unsqueeze(1) - 1)
        t = (t - first) / (last - first).clamp_min(1e-6) * (counts.unsqueeze(1) - 1)
        places = draw_bridges(counts.cpu(), self.num_bridges, self.span).to(z.device).flatten(1)
        times = t.gather(1, places).view(-1, 3)
        frames = z.gather(1, places.unsqueeze(2).expand(-1, -1, z.shape[2])).view(len(times), 3, -1)
        return bridge_contrast(frames, times, self.squared_variance).mean()
