"""The order in which clips of many actions are trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmalign.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class ActionGroupSampler(Sampler[int]):
    """Clips in random order, but some of one action after each other.

    A batch that holds ``n`` times ``group`` clips then holds pairs of clips of one action, which
    :class:`~mmalign.models.losses.CrossClipLoss` learns from, however many actions there are.
    An action's clips that fill no group are left out of an epoch, others in each.

    Args:
        dataset: a :class:`~mmalign.datasets.PoseSequenceDataset` or several of them, concatenated.
        group: clips of one action in a row.
        seed: of the order; one that all processes share if not given.
    """

    def __init__(self, dataset: Any, group: int = 4, seed: int | None = None) -> None:
        if group < 1:
            raise ValueError(f"group must be at least 1, found {group}")
        self.rank, self.world_size = get_dist_info()
        self.group = group
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        names = np.array([dataset.get_data_info(i)["action"] for i in range(len(dataset))])
        self.members = [np.flatnonzero(names == name) for name in np.unique(names)]

    def __iter__(self) -> Iterator[int]:
        """Indices of this process."""
        rng = np.random.default_rng([self.seed, self.epoch])
        groups = [
            chosen.reshape(-1, self.group)
            for members in self.members
            if len(chosen := rng.permutation(members)[: self._usable(members)])
        ]
        order = rng.permutation(np.concatenate(groups)) if groups else np.zeros((0, 1), int)
        share = len(order) // self.world_size
        return iter(order[self.rank * share : (self.rank + 1) * share].ravel().tolist())

    def __len__(self) -> int:
        """Number of indices of this process."""
        groups = sum(self._usable(members) for members in self.members) // self.group
        return groups // self.world_size * self.group

    def _usable(self, members: np.ndarray) -> int:
        return len(members) // self.group * self.group

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch it is, so that every epoch has another order."""
        self.epoch = epoch
