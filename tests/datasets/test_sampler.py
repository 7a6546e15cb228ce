"""Clips of one action after each other."""

from __future__ import annotations

from collections import Counter

import pytest

from mmalign.datasets import ActionGroupSampler


class Actions:
    """A data set of which only the actions matter."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __len__(self) -> int:
        return len(self.text)

    def get_data_info(self, index: int) -> dict[str, str]:
        return {"action": self.text[index]}


def test_groups_are_of_one_action_and_no_clip_comes_twice():
    data = Actions("abbaabbbbaacaabcc")
    sampler = ActionGroupSampler(data, group=3, seed=0)
    seen = Counter()
    for epoch in range(20):
        sampler.set_epoch(epoch)
        order = list(sampler)
        assert len(order) == len(sampler) == 15 and len(set(order)) == 15
        for first in range(0, 15, 3):
            assert len({data.text[i] for i in order[first : first + 3]}) == 1
        seen.update(order)
    # What fills no group is left out of an epoch, never of all.
    assert set(seen) == set(range(17))


def test_an_epoch_s_order_follows_from_seed_and_epoch():
    one, same, other = (ActionGroupSampler(Actions("ab" * 20), 4, seed) for seed in (0, 0, 1))
    assert list(one) == list(one) == list(same) != list(other)
    one.set_epoch(1)
    assert list(one) != list(same)


def test_processes_share_the_groups(monkeypatch):
    parts = []
    for rank in range(2):
        monkeypatch.setattr("mmalign.datasets.sampler.get_dist_info", lambda rank=rank: (rank, 2))
        sampler = ActionGroupSampler(Actions("aabb" * 5), 2, seed=0)
        parts.append(list(sampler))
        assert len(parts[-1]) == len(sampler) == 10
    assert not set(parts[0]) & set(parts[1])


def test_too_few_clips_and_no_group():
    assert list(ActionGroupSampler(Actions("abc"), 2, seed=0)) == []
    with pytest.raises(ValueError, match="at least 1"):
        ActionGroupSampler(Actions("abc"), 0)
