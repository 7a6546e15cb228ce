"""Batches of clips of one action."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from mmengine.logging import print_log
from torch.utils.data import ConcatDataset

from mmalign.errors import InputError
from mmalign.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class SameActionBatchSampler:
    """Every batch holds different clips of one action, for losses that compare clips.

    It is the ``batch_sampler`` of a loader, and takes data set, seed, epoch and processes from the
    loader's ``sampler``, but not the order: an action is drawn with a probability in proportion to
    its clips, then ``batch_size`` of them, or all if it has fewer. Actions of one clip are left
    out. An epoch has as many batches as it would have without. All follows from (seed, epoch);
    several processes take turns.

    With ``repeat`` a data set has several indices for a clip, for which transforms draw anew. Each
    time that a clip is drawn in an epoch it takes the next one.

    Args:
        sampler: a ``DefaultSampler``; MMEngine passes the loader's.
        batch_size: at least 2; MMEngine passes the loader's.

    Raises:
        InputError: Sampler, batch size or data set are of no use, or no action has two clips.
    """

    def __init__(self, sampler: Any, batch_size: int) -> None:
        if not hasattr(sampler, "epoch"):
            raise InputError(
                f"SameActionBatchSampler: the loader's sampler is {type(sampler).__name__},"
                " expected DefaultSampler; set train_dataloader.sampler.type to it"
            )
        if batch_size < 2:
            raise InputError(
                f"SameActionBatchSampler: batch_size is {batch_size}, expected at least 2, to have"
                " clips to compare; set train_dataloader.batch_size"
            )
        self.sampler, self.batch_size = sampler, batch_size
        of_action: dict[str, list[range]] = {}
        for action, indices in clips_of(sampler.dataset):
            of_action.setdefault(action, []).append(indices)
        self.clips = [clips for clips in of_action.values() if len(clips) > 1]
        if not self.clips:
            raise InputError(
                f"SameActionBatchSampler: the training data have {len(of_action)} actions of one"
                " clip each, expected one of two or more; add clips or leave the batch_sampler out"
            )
        if alone := len(of_action) - len(self.clips):
            print_log(
                f"SameActionBatchSampler: {alone} of {len(of_action)} actions have one clip and"
                " are left out",
                logger="current",
                level=logging.WARNING,
            )

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng([self.sampler.seed, self.sampler.epoch])
        counts = np.array([len(clips) for clips in self.clips])
        drawn: Counter[range] = Counter()
        for turn in range(len(self) * self.sampler.world_size):
            clips = self.clips[rng.choice(len(counts), p=counts / counts.sum())]
            batch = []
            for place in rng.permutation(len(clips))[: self.batch_size]:
                indices = clips[place]
                batch.append(indices[drawn[indices] % len(indices)])
                drawn[indices] += 1
            if turn % self.sampler.world_size == self.sampler.rank:
                yield batch

    def __len__(self) -> int:
        """Batches of an epoch, in each process."""
        return math.ceil(len(self.sampler) / self.batch_size)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch it is, so that every epoch draws anew."""
        self.sampler.set_epoch(epoch)


def clips_of(dataset: Any) -> list[tuple[str, range]]:
    """Per clip of a data set its action and the indices that show it.

    Args:
        dataset: a :class:`~mmalign.datasets.PoseSequenceDataset`, or a ``ConcatDataset`` of some.

    Raises:
        InputError: It is of another kind.
    """
    if isinstance(dataset, ConcatDataset):
        found, start = [], 0
        for part in dataset.datasets:
            for action, at in clips_of(part):
                found.append((action, range(at.start + start, at.stop + start, at.step)))
            start += len(part)  # type: ignore[arg-type]
        return found
    actions = getattr(dataset, "clip_actions", None)
    if actions is None:
        raise InputError(
            f"SameActionBatchSampler: a {type(dataset).__name__} does not tell its clips' actions,"
            " expected a PoseSequenceDataset (with repeat=N for many times)"
        )
    within = actions[: len(dataset)]
    return [(action, range(i, len(dataset), len(actions))) for i, action in enumerate(within)]
