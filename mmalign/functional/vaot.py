"""Frames matched by optimal transport as pseudo-labels: VAOT (Ali et al., ICCV 2025)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mmalign.functional.transport import (
    fused_gromov_wasserstein,
    with_virtual_frame,
    with_virtual_mask,
)


@torch.no_grad()
def pseudo_labels(
    similarity: Tensor,
    places: tuple[Tensor, ...],
    masks: tuple[Tensor, ...],
    rho: float = 0.35,
    zeta: float = 0.5,
    **transport: Any,
) -> Tensor:
    """Which frames of the second clip those of the first are to match.

    Args:
        similarity: ``(P, N, M)``, cosines.
        places: of the frames in their clips, from 0 to 1, ``(P, N)`` and ``(P, M)``.
        masks: true on real frames, likewise.
        rho: weight of how far apart frames are in ``places``.
        zeta: cost of the virtual frame.
        **transport: arguments of :func:`~mmalign.functional.transport.fused_gromov_wasserstein`.

    Returns:
        ``(P, N, M)``, 0 where a frame is not real; rows sum to about 1, less what the virtual frame
        takes.
    """
    apart = (places[0].unsqueeze(2) - places[1].unsqueeze(1)).abs().to(similarity.dtype)
    cost = with_virtual_frame(1 - similarity + rho * apart, zeta)
    both = with_virtual_mask(masks[0]), with_virtual_mask(masks[1])
    plan = fused_gromov_wasserstein(cost, both, **transport)
    return plan[:, 1:, 1:] * both[0].sum(1)[:, None, None]


def label_cross_entropy(
    similarity: Tensor, labels: Tensor, masks: tuple[Tensor, ...], temperature: float = 0.1
) -> Tensor:
    """Cross-entropy of the match of each frame against labels.

    Args:
        similarity: ``(P, N, M)``.
        labels: ``(P, N, M)``, 0 where a frame is not real.
        masks: true on real frames, ``(P, N)`` and ``(P, M)``.
        temperature: what similarities are divided by.

    Returns:
        ``(P,)``, the mean over the real frames of the first clip.
    """
    logits = (similarity / temperature).masked_fill(~masks[1].unsqueeze(1), -torch.inf)
    rows = -(labels * (logits.softmax(2) + 1e-11).log()).sum((1, 2))
    return rows / masks[0].sum(1)
