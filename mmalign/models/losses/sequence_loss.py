"""What an aligner asks of a loss."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor, nn
from torch.nn.functional import normalize

from mmalign.errors import InputError
from mmalign.functional.frame_sampling import FrameSampler
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.structures import AlignmentDataSample

TIME_UNITS = ("frames", "seconds")


def in_float32(z: Tensor) -> Tensor:
    """Latents in float32 at least, whatever precision the network runs in."""
    return z.to(torch.promote_types(z.dtype, torch.float32))


class SequenceLoss(nn.Module):
    """A loss of embedded sequences: an entry of ``model.losses``.

    A subclass gives :meth:`compute`, and sets ``num_views`` if it compares views. Most are pairs of
    clips or single clips: a :class:`~mmalign.models.losses.PairLoss` or a
    :class:`~mmalign.models.losses.ClipLoss` gathers what they need.

    Args:
        frames: arguments of the :class:`~mmalign.functional.frame_sampling.FrameSampler` that
            :meth:`gather` uses; None = all frames.
        time_unit: of the times and lengths that :meth:`gather` gives, ``'frames'`` or
            ``'seconds'``.
        normalize_embeddings: divide the latents that :meth:`gather` gives by their norms.
        loss_weight: factor of the loss.

    Attributes:
        num_views: views of a clip that it needs at least.
        skipped: how many times it found nothing to compare, and was 0.

    Raises:
        InputError: An argument is out of its range.
    """

    num_views = 1

    def __init__(
        self,
        frames: Mapping[str, Any] | None = None,
        time_unit: str = "frames",
        normalize_embeddings: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if time_unit not in TIME_UNITS:
            raise InputError(f"time_unit is {time_unit!r}, expected one of {', '.join(TIME_UNITS)}")
        self.frames, self.time_unit = FrameSampler(**(frames or {})), time_unit
        self.normalize_embeddings = normalize_embeddings
        self.loss_weight = loss_weight
        self.skipped = 0

    def forward(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """Loss of a batch, weighted.

        Args:
            z: per view the latents ``(B, T, D)``; T differs from view to view.
            views: the views, with ``frame_inds`` and ``mask`` ``(B, T)``, true on the real frames,
                which come first in every row.
            samples: ``B`` samples, with ``sample_id``, ``action``, ``num_frames`` and ``fps``.

        Returns:
            A scalar.

        Raises:
            InputError: There are fewer views than it needs.
        """
        if len(z) < self.num_views:
            raise InputError(
                f"{type(self).__name__}: a batch has {len(z)} view of each clip, expected"
                f" {self.num_views}; put TwoViews into the training pipeline, or train with a loss"
                " that needs one"
            )
        # Mixed precision would compute distances in the network's.
        with torch.autocast(z[0].device.type, enabled=False):
            return self.loss_weight * self.compute(z, views, samples)

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """The loss before its weight; see :meth:`forward`."""
        raise NotImplementedError

    def gather(
        self, z: Tensor, view: ViewBatch, samples: Sequence[AlignmentDataSample]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The frames of a view that enter the loss.

        Args:
            z: latents ``(B, T, D)``.
            view: the view.
            samples: ``B`` samples.

        Returns:
            Latents ``(B, N, D)`` in float32 at least, the frames' times ``(B, N)`` in the whole
            clip, the whole clips' lengths ``(B,)``, and a mask ``(B, N)``, true on real frames.
        """
        frames, times, lengths, mask = self.gather_as_it_is(z, view, samples)
        return self.prepared(frames), times, lengths, mask

    def prepared(self, z: Tensor) -> Tensor:
        """Latents as they are compared: in float32 at least, of norm 1 if asked for."""
        z = in_float32(z)
        return normalize(z, dim=-1) if self.normalize_embeddings else z

    def gather_as_it_is(
        self, z: Tensor, view: ViewBatch, samples: Sequence[AlignmentDataSample]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As :meth:`gather`, the latents in the precision that they have."""
        times, mask = self.times(view, samples), view.mask
        if self.frames.sampler != "all":
            places, mask = (part.to(z.device) for part in self.frames.draw(mask.sum(1).cpu()))
            z = z.gather(1, places.unsqueeze(-1).expand(-1, -1, z.shape[-1]))
            times = times.gather(1, places)
        lengths = times.new_tensor([self._in_units(s.num_frames, s) for s in samples])
        return z, times, lengths, mask

    def times(self, view: ViewBatch, samples: Sequence[AlignmentDataSample]) -> Tensor:
        """Times ``(B, T)`` of a view's frames in the whole clip."""
        if self.time_unit == "frames":
            return view.frame_inds
        return view.frame_inds / view.frame_inds.new_tensor([[s.fps] for s in samples])

    def _in_units(self, frames: float, sample: AlignmentDataSample) -> float:
        return frames if self.time_unit == "frames" else frames / sample.fps

    def skip(self, z: tuple[Tensor, ...], reason: str) -> Tensor:
        """The loss of a batch in which there is nothing to compare: counted, and told once.

        Args:
            z: as of :meth:`forward`.
            reason: what the batch lacks, and what to do.

        Returns:
            :meth:`zero`.
        """
        if not self.skipped:
            text = f"{type(self).__name__}: {reason}; its loss is 0 then (this is told once)"
            print_log(text, logger="current", level=logging.WARNING)
        self.skipped += 1
        return self.zero(z)

    def zero(self, z: tuple[Tensor, ...]) -> Tensor:
        """A 0 that gives every parameter a gradient: processes wait for those of each other."""
        own = sum(p.sum() for p in self.parameters() if p.requires_grad)
        return (z[0].sum() + own) * 0.0


class ClipLoss(SequenceLoss):
    """A loss of single clips; a subclass gives :meth:`clip`.

    Of several views it is the mean; a pipeline of one view costs half of two.

    Args:
        **options: arguments of :class:`SequenceLoss`.
    """

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`."""
        parts = [
            self.clip(*self.gather(one, view, samples)) for one, view in zip(z, views, strict=True)
        ]
        return torch.stack(parts).mean()

    def clip(self, z: Tensor, t: Tensor, lengths: Tensor, m: Tensor) -> Tensor:
        """Loss of the clips of a batch.

        Args:
            z: latents ``(B, N, D)``, float32 at least.
            t: times of the frames in the whole clips ``(B, N)``, in ``time_unit``.
            lengths: of the whole clips ``(B,)``, in the same unit.
            m: ``(B, N)``, true on real frames, which come first.

        Returns:
            A scalar.
        """
        raise NotImplementedError
