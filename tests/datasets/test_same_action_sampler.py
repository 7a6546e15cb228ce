"""Batches of clips of one action."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import ConcatDataset, DefaultSampler, InfiniteSampler
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmalign.datasets import PoseSequenceDataset, SameActionBatchSampler, ToyPoseDataset
from mmalign.engine.hooks import DatasetEpochHook
from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import SequenceEntry

ACTIONS = ["lift"] * 6 + ["throw"] * 3 + ["wave"] + ["lift"] * 2


class Clips(PoseSequenceDataset):
    """Clips of one frame of several actions."""

    def __init__(self, actions=ACTIONS, **options):
        self.of = actions
        super().__init__(**options)

    def load_sequences(self):
        self.skeleton = "penn13"
        facts = dict(split="train", num_frames=1, fps=30, labelled=False, file="", source="")
        return [SequenceEntry(id=str(i), action=a, **facts) for i, a in enumerate(self.of)]

    def _read(self, position):
        ones = np.ones((1, 13), np.float32)
        return PoseSequence(np.ones((1, 13, 2), np.float32), ones, (8, 8), 30, "penn13")


def sampler(dataset, batch_size=4, seed=0, rank=0, world_size=1):
    inner = DefaultSampler(dataset, seed=seed)
    inner.rank, inner.world_size = rank, world_size
    inner.num_samples = -(-len(dataset) // world_size)
    return SameActionBatchSampler(inner, batch_size)


@pytest.mark.parametrize("repeat", [1, 5])
def test_a_batch_is_of_different_clips_of_one_action(repeat):
    batches = sampler(Clips(repeat=repeat))
    assert len(batches) == len(list(batches)) == 12 * repeat // 4
    for epoch in range(20):
        batches.set_epoch(epoch)
        for batch in batches:
            clips = {index % 12 for index in batch}
            (action,) = {ACTIONS[clip] for clip in clips}
            assert action != "wave"
            assert len(batch) == len(clips) == {"lift": 4, "throw": 3}[action]


def test_actions_are_drawn_in_proportion_to_their_clips():
    batches = sampler(Clips(repeat=1000))
    counts = Counter(ACTIONS[batch[0] % 12] for batch in batches)
    assert counts["lift"] / sum(counts.values()) == pytest.approx(8 / 11, abs=0.02)
    clips = Counter(index % 12 for batch in batches for index in batch)
    of_lift = [clips[i] for i in range(12) if ACTIONS[i] == "lift"]
    assert max(of_lift) / min(of_lift) < 1.1


def test_a_clip_that_comes_again_takes_its_next_repeat():
    dataset = Clips(repeat=3)
    drawn = [index for batch in sampler(dataset) for index in batch]
    for clip in range(12):
        turns = [index // 12 for index in drawn if index % 12 == clip]
        assert turns == [turn % 3 for turn in range(len(turns))]
    assert dataset.get_data_info(12 + 7)["sample_id"] == "7"


def test_batches_follow_from_seed_and_epoch():
    def batches(seed, epoch):
        found = sampler(Clips(repeat=4), seed=seed)
        found.set_epoch(epoch)
        return list(found)

    assert batches(3, 2) == batches(3, 2)
    assert batches(3, 2) != batches(3, 3) and batches(3, 2) != batches(4, 2)
    assert batches(1, 0) != batches(0, 1)


def test_processes_take_turns():
    whole = sampler(Clips(repeat=8))
    parts = [sampler(Clips(repeat=8), rank=rank, world_size=2) for rank in (0, 1)]
    assert [len(part) for part in parts] == [len(whole) / 2] * 2
    assert list(whole) == [batch for pair in zip(*parts, strict=True) for batch in pair]


def loader(dataset=None, **options):
    cfg = dict(
        batch_size=4,
        num_workers=0,
        sampler=dict(type="DefaultSampler", shuffle=True),
        batch_sampler=dict(type="SameActionBatchSampler"),
        dataset=dataset or Clips(repeat=4),
    )
    with DefaultScope.overwrite_default_scope("mmalign"):
        return Runner.build_dataloader(Config({**cfg, **options})._cfg_dict, seed=5)


def test_a_loader_of_mmengine_has_it_and_resumes_with_it():
    def epoch(found, number):
        runner = SimpleNamespace(train_dataloader=found, epoch=number)
        DatasetEpochHook().before_train_epoch(runner)
        return [[s["sample_id"] for s in batch] for batch in found]

    def plain(batch):
        return batch

    whole = loader(collate_fn=plain)
    assert len(whole) == 12
    epochs = [epoch(whole, number) for number in range(3)]
    assert epochs[0] != epochs[1]
    assert epoch(loader(collate_fn=plain), 2) == epochs[2]


def test_several_data_sets_at_once():
    toys = [
        ToyPoseDataset(activity=name, num_sequences=3, length=(40, 44), repeat=2)
        for name in ("lift", "wave_squat")
    ]
    dataset = ConcatDataset(toys, ignore_keys=["phases"])
    seen = set()
    for batch in sampler(dataset, batch_size=3):
        infos = [dataset[index] for index in batch]
        assert len({info["sample_id"] for info in infos}) == 3
        seen.update(info["action"] for info in infos)
        assert len({info["action"] for info in infos}) == 1
    assert seen == {"lift", "wave_squat"}


def test_what_it_cannot_use_is_told():
    with pytest.raises(InputError, match="the training data have 3 actions of one clip each, exp"):
        sampler(Clips(actions=["a", "b", "c"]))
    with pytest.raises(InputError, match="a list does not tell its clips' actions"):
        sampler([1, 2, 3])
    with pytest.raises(InputError, match="batch_size is 1, expected at least 2"):
        sampler(Clips(), batch_size=1)
    with pytest.raises(InputError, match="sampler is InfiniteSampler, expected DefaultSampler"):
        SameActionBatchSampler(InfiniteSampler(Clips(), seed=0), 4)
