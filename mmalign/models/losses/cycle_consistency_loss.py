"""Temporal cycle consistency (TCC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.cycle_consistency import KINDS, SIMILARITIES, cycle_errors, cycle_logits
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.pair_loss import NO_PAIR, PairLoss
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class CycleConsistencyLoss(PairLoss):
    """A frame that goes to another clip and back by soft neighbours is to arrive where it started.

    TCC (Dwibedi et al., CVPR 2019), with the defaults of its code; the least variance of
    ``'mse_var'`` is ours. The mean is over the frames of all pairs.

    Args:
        kind: ``'mse_var'``, ``'mse'``, ``'huber'`` or ``'classification'``; see
            :func:`~mmalign.functional.cycle_consistency.cycle_errors`.
        similarity: ``'l2'`` or ``'cosine'``; see
            :func:`~mmalign.functional.cycle_consistency.similarity_logits`.
        temperature: tau; similarities are divided by it and by the number of channels.
        variance_lambda: weight of the logarithm of the variance (``'mse_var'``).
        huber_delta: where the Huber loss turns from a square to a line.
        label_smoothing: of the target (``'classification'``).
        normalize_times: times in lengths of the whole clip.
        cycle_length: None = all pairs, there and back; else random cycles over so many clips of an
            action, at least 2, each from one random frame (the stochastic variant, of view 0).
        cycle_fraction: number of random cycles, in frames of the batch.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 20, ``'uniform'``.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        kind: str = "mse_var",
        similarity: str = "l2",
        temperature: float = 0.1,
        variance_lambda: float = 0.001,
        huber_delta: float = 0.1,
        label_smoothing: float = 0.1,
        normalize_times: bool = True,
        cycle_length: int | None = None,
        cycle_fraction: float = 1.0,
        pairs: str = "ordered",
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        frames = frames or dict(sampler="uniform", num_frames=20)
        super().__init__(pairs, frames=frames, **options)
        for name, value, known in (
            ("kind", kind, KINDS),
            ("similarity", similarity, SIMILARITIES),
        ):
            if value not in known:
                raise InputError(f"{name} is {value!r}, expected one of {', '.join(known)}")
        for name, number in (("temperature", temperature), ("huber_delta", huber_delta)):
            if not number > 0:
                raise InputError(f"{name} is {number}, expected a positive number")
        if cycle_length is not None and cycle_length < 2:
            raise InputError(f"cycle_length is {cycle_length}, expected None or at least 2")
        self.arrivals = partial(cycle_logits, similarity=similarity, temperature=temperature)
        self.errors = partial(
            cycle_errors,
            kind=kind,
            variance_lambda=variance_lambda,
            huber_delta=huber_delta,
            label_smoothing=label_smoothing,
        )
        self.normalize_times = normalize_times
        self.cycle_length, self.cycle_fraction = cycle_length, cycle_fraction

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`PairLoss.compute`; skipped if there are too few clips for a cycle."""
        if self.cycle_length is None:
            return super().compute(z, views, samples)
        frames, t, lengths, m = self.gather(z[0], views[0], samples)
        cycles = self.draw_cycles(samples, int(self.cycle_fraction * m.sum()))
        if not len(cycles):
            return self.skip(z, NO_PAIR.format(self.cycle_length))
        counts = m.sum(1).cpu()[cycles[:, 0]]
        starts = (torch.rand(len(cycles)) * counts).long().to(m.device)
        return self.cycles(frames, t, lengths, m, cycles.to(m.device), starts)

    def draw_cycles(self, samples: Sequence[AlignmentDataSample], count: int) -> Tensor:
        """Cycles ``(C, cycle_length + 1)`` over different clips, from random first ones back."""
        may = torch.tensor([[self.may_pair(a, b) for b in samples] for a in samples])
        others = (self.cycle_length or 2) - 1
        first = (may.sum(1) >= others).nonzero().flatten()
        if not len(first):
            return first.new_zeros(0, others + 2)
        first = first[torch.randint(len(first), (max(count, 1),))]
        keys = torch.rand(len(first), len(samples)).masked_fill(~may[first], -1)
        return torch.cat([first[:, None], keys.topk(others).indices, first[:, None]], dim=1)

    def cycles(
        self, z: Tensor, t: Tensor, lengths: Tensor, m: Tensor, cycles: Tensor, starts: Tensor
    ) -> Tensor:
        """Mean error of given cycles.

        Args:
            z: latents ``(B, N, D)``.
            t: times ``(B, N)``.
            lengths: of the whole clips ``(B,)``.
            m: ``(B, N)``, true on real frames.
            cycles: indices of clips ``(C, L)``, the last the first.
            starts: index of the frame in the first ``(C,)``.

        Returns:
            A scalar.
        """
        first = cycles[:, 0]
        start = z[first, starts].unsqueeze(1)
        logits = self.arrivals(start, [(z[q], m[q]) for q in cycles[:, 1:].T])
        times = self._scaled(t, lengths)[first]
        mean: Tensor = self.errors(logits, starts.unsqueeze(1), times, m[first]).mean()
        return mean

    def pair(
        self,
        za: Tensor,
        zb: Tensor,
        ta: Tensor,
        tb: Tensor,
        la: Tensor,
        lb: Tensor,
        ma: Tensor,
        mb: Tensor,
    ) -> Tensor:
        """From the first clips to the second and back; see :meth:`PairLoss.pair`."""
        logits = self.arrivals(za, [(zb, mb), (za, ma)])
        target = torch.arange(za.shape[1], device=za.device).expand(len(za), -1)
        errors = self.errors(logits, target, self._scaled(ta, la), ma)
        mean: Tensor = (errors * ma).sum() / ma.sum()
        return mean

    def _scaled(self, times: Tensor, lengths: Tensor) -> Tensor:
        return times / lengths.unsqueeze(1) if self.normalize_times else times
