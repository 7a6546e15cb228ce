"""Embedding of clips of any length: whole, or in windows that are blended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseModel
from torch import Tensor

from mmalign.errors import check_at_least
from mmalign.functional.following import follow
from mmalign.structures import RawClip

DEFAULT_LONGEST = 256
"""Frames that a network without ``max_frames`` embeds at once."""

# Windows that are embedded at once: by a CPU as few as keep its cores busy, since what more of them
# need does not fit into its cache.
_BATCH, _BATCH_CPU = 8, 2


@dataclass(frozen=True)
class Windows:
    """Which frames a network embeds at once, and where it looks.

    Attributes:
        longest: Clips of at most so many frames are embedded whole.
        length: Frames of a window of a longer clip, at most ``longest``.
        overlap: Of two windows that follow each other, as a share of their length, below 1.
        follows: Whether the performer of a longer clip is kept in one place, see
            :func:`~mmalign.functional.following.follow`; boxes reach half a window.
    """

    longest: int
    length: int
    overlap: float = 0.25
    follows: bool = True

    @property
    def hop(self) -> int:
        """Frames from one window to the next."""
        return max(1, int(self.length * (1 - self.overlap)))

    def spans(self, total: int) -> list[tuple[int, int]]:
        """First frame, and one past the last, of each window of a clip of ``total`` frames."""
        if total <= self.longest:
            return [(0, total)]
        starts = [*range(0, total - self.length, self.hop), total - self.length]
        return [(start, start + self.length) for start in starts]

    def weight(self) -> Tensor:
        """``(length, 1)``: how much each frame of a window counts; least at its ends."""
        ramp = torch.arange(self.length) + 1.0
        overlap = max(1, self.length - self.hop)
        return torch.minimum(ramp, ramp.flip(0)).clamp(max=overlap).unsqueeze(1)


def windows_for(max_frames: int | None, view_frames: int | None) -> Windows:
    """The windows of a network.

    Those of longer clips are little longer than what it saw in training, so that what lies far
    before and after does not disturb.

    Args:
        max_frames: Frames that it embeds at once at most; None for :data:`DEFAULT_LONGEST`.
        view_frames: Frames of the longest view it was trained on, None where that is not known.
    """
    if max_frames is not None:
        check_at_least("max_frames", max_frames, 1)
    longest = max_frames or DEFAULT_LONGEST
    view = view_frames or longest
    return Windows(longest, min(longest, view + view // 3))


def longest_view(config: Any) -> int | None:
    """Most frames that a config of training data leaves a view; None if nothing limits them."""
    own = config.get("max_frames") if isinstance(config, Mapping) else None
    parts = config.values() if isinstance(config, Mapping) else config
    inner = map(longest_view, parts if isinstance(config, Mapping | list | tuple) else ())
    return max((n for n in (own, *inner) if isinstance(n, int)), default=None)


@torch.no_grad()
def embed_clip(
    model: BaseModel, clip: RawClip, windows: Windows | None = None
) -> dict[str, Tensor]:
    """Embed a clip of any length.

    A long one is embedded in windows that overlap. Each is packed by the clip's pipeline as if it
    were a clip, and so cropped to a box of its own; the windows' embeddings are blended. Memory
    grows with the embedding alone.

    Args:
        model: The network, in evaluation mode.
        clip: T frames.
        windows: The network's own where not given.

    Returns:
        ``embedding`` and, of a fused network, its parts by name: float32 ``(T, D)`` on the CPU.
    """
    windows = windows or model.windows
    spans = windows.spans(len(clip))
    if len(spans) == 1:
        (found,) = _predict(model, clip, spans)
        return found
    if windows.follows:
        clip = _followed(clip, windows.length // 2)
    weight = windows.weight()
    norm = torch.zeros(len(clip), 1)
    blended: dict[str, Tensor] = {}
    size = _BATCH_CPU if next(model.parameters()).device.type == "cpu" else _BATCH
    for first in range(0, len(spans), size):
        batch = spans[first : first + size]
        for (start, end), parts in zip(batch, _predict(model, clip, batch), strict=True):
            norm[start:end] += weight
            for name, part in parts.items():
                if name not in blended:
                    blended[name] = part.new_zeros(len(clip), part.shape[-1])
                blended[name][start:end] += weight * part
    return {name: summed.div_(norm) for name, summed in blended.items()}


def _followed(clip: RawClip, reach: int) -> RawClip:
    scores = clip.results["keypoint_score"][0]
    poses = {key: clip.results.get(key) for key in ("keypoint", "keypoint_3d")}
    moved = {k: follow(p[0], scores, reach)[None] for k, p in poses.items() if p is not None}
    return replace(clip, results={**clip.results, **moved})


def _predict(
    model: BaseModel, clip: RawClip, spans: list[tuple[int, int]]
) -> list[dict[str, Tensor]]:
    """Embedding and parts of each window, ``(length, D)``."""
    batch = model.data_preprocessor(pseudo_collate([clip.part(*span) for span in spans]))
    samples = model(**batch, mode="predict")
    found = [{"embedding": one.embedding, **one.get("parts", {})} for one in samples]
    return [{name: u.float().cpu() for name, u in one.items()} for one in found]
