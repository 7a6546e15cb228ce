"""The data set learns the epoch through all wrappers."""

from __future__ import annotations

import pytest
from dummy_training import DummyDataset
from mmengine.dataset import ConcatDataset, RepeatDataset
from mmengine.dataset.base_dataset import BaseDataset
from mmengine.runner.runner import _SlicedDataset
from torch.utils.data import ConcatDataset as TorchConcat
from torch.utils.data import Subset

from mmalign.engine.hooks.dataset_epoch import set_dataset_epoch


class EpochBase(BaseDataset):
    """MMEngine's wrappers take its own data sets only."""

    epoch = -1

    def load_data_list(self) -> list:
        return [{"x": 1}]

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch


@pytest.mark.parametrize(
    "wrap",
    [
        lambda d: d,
        lambda d: Subset(d, [0]),
        lambda d: TorchConcat([DummyDataset(), Subset(d, [0])]),
        lambda d: _SlicedDataset(d, 3),
    ],
)
def test_torch_wrappers(wrap) -> None:
    dataset = DummyDataset()
    set_dataset_epoch(wrap(dataset), 7)
    assert int(dataset.epoch) == 7


@pytest.mark.parametrize(
    "wrap", [lambda d: RepeatDataset(d, 2), lambda d: ConcatDataset([d, EpochBase()])]
)
def test_mmengine_wrappers(wrap) -> None:
    dataset = EpochBase()
    set_dataset_epoch(wrap(dataset), 7)
    assert dataset.epoch == 7


def test_a_data_set_without_epochs_is_left_alone() -> None:
    set_dataset_epoch([1, 2, 3], 7)
