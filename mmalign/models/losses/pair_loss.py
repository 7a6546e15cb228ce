"""Losses between two sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.sequence_loss import SequenceLoss
from mmalign.structures import AlignmentDataSample

PAIRS = ("views", "all", "ordered", "random_partner")

# Why a batch is skipped that has too few clips to compare.
NO_PAIR = (
    "a batch holds no {} clips of one action; make batches larger, or of one action by"
    " train_dataloader.batch_sampler=dict(type='SameActionBatchSampler')"
)


class PairLoss(SequenceLoss):
    """A loss of pairs of sequences; a subclass gives :meth:`pair`.

    In pairs of different clips, the first is shown by view 0 and the second by the last view; both
    by the only one if there is one. Frames are drawn once per clip and view, not once per pair.

    Args:
        pairs: ``'views'``, the two views of every clip; or, of the different clips of an action in
            the batch, ``'all'`` pairs (i, j) with i < j, ``'ordered'``, all with i != j, or
            ``'random_partner'``, every clip with a random other one.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(self, pairs: str = "ordered", **options: Any) -> None:
        super().__init__(**options)
        if pairs not in PAIRS:
            raise InputError(f"pairs is {pairs!r}, expected one of {', '.join(PAIRS)}")
        self.pairs = pairs
        self.num_views = 2 if pairs == "views" else 1

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`; skipped if the batch holds no pair."""
        first, second = self.make_pairs(samples).to(z[0].device)
        if not len(first):
            return self.skip(z, NO_PAIR.format("two"))
        ends = [0, -1] if len(z) > 1 else [0]
        sides = [self.gather_as_it_is(z[end], views[end], samples) for end in ends]
        za, ta, la, ma = (values[first] for values in sides[0])
        zb, tb, lb, mb = (values[second] for values in sides[-1])
        return self.pair(self.prepared(za), self.prepared(zb), ta, tb, la, lb, ma, mb)

    def make_pairs(self, samples: Sequence[AlignmentDataSample]) -> Tensor:
        """Indices ``(2, P)`` of the first and the second of each pair."""
        if self.pairs == "views":
            return torch.arange(len(samples)).expand(2, -1)
        may = torch.tensor([[a is not b and self.may_pair(a, b) for b in samples] for a in samples])
        if self.pairs == "random_partner":
            first = may.any(1).nonzero().flatten()
            second = torch.multinomial(may[first].float(), 1).flatten() if len(first) else first
            return torch.stack([first, second])
        return (may.triu() if self.pairs == "all" else may).nonzero().T

    def may_pair(self, a: AlignmentDataSample, b: AlignmentDataSample) -> bool:
        """Whether two samples of a batch are different clips of one action."""
        return a.action == b.action and a.sample_id != b.sample_id

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
        """Loss of pairs of clips.

        Args:
            za: latents ``(P, N, D)``, float32 at least.
            zb: latents ``(P, M, D)``.
            ta: times of the frames in the whole clips ``(P, N)``, in ``time_unit``.
            tb: ``(P, M)``.
            la: lengths of the whole clips ``(P,)``, in the same unit.
            lb: ``(P,)``.
            ma: ``(P, N)``, true on real frames, which come first.
            mb: ``(P, M)``.

        Returns:
            A scalar.
        """
        raise NotImplementedError
